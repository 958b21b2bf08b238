// A prepared statement before and after a column is added: with `select *`, and with the columns named.
import pg from "pg";

const client = new pg.Client();
await client.connect();
await client.query("create table bookings (id int primary key, price numeric(10, 2) not null); insert into bookings values (1, 9.50)");
await client.query("prepare all_columns as select * from bookings; prepare named as select id, price from bookings");
await client.query("alter table bookings add column price_cents bigint");
for (const name of ["all_columns", "named"]) {
  const result = await client.query(`execute ${name}`).then(
    ({ rows }) => JSON.stringify(rows),
    (error) => error.message,
  );
  console.log(`${name}: ${result}`);
}
await client.end();
