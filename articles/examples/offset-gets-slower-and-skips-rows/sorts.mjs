// How PostgreSQL sorts 10,000 orders by a priority with ten values, page by page of fifty, and where the orders that come twice do so.
import pg from "pg";

const client = new pg.Client();
await client.connect();
await client.query(`
  create table orders (id bigint generated always as identity primary key, created_at timestamptz not null, priority int not null, state text not null);
  insert into orders (created_at, priority, state)
    select timestamptz '2026-01-01' + n / 4 * interval '10 seconds', n % 10, 'open' from generate_series(1, 10000) n;
  analyze orders;
`);
const { rows } = await client.query("select version()");
console.log(rows[0].version.split(" on ")[0]);
const seen = new Map(); // the page that an order came on first
const repeated = {};
let method = "";
for (let page = 1; page <= 200; page++) {
  const { rows: plan } = await client.query(
    `explain (analyze, costs off, timing off, summary off) select id from orders order by priority limit 50 offset ${(page - 1) * 50}`,
  );
  const sort = plan.map((row) => row["QUERY PLAN"]).find((line) => line.includes("Sort Method"));
  const used = /Sort Method: (\S+( \S+)*)/.exec(sort)[1];
  if (used !== method) console.log(`from page ${page}: ${used}`);
  method = used;
  const result = await client.query(`select id from orders order by priority limit 50 offset ${(page - 1) * 50}`);
  for (const { id } of result.rows) {
    if (seen.has(id)) {
      const where = `${used}, first seen by ${seen.get(id)}`;
      repeated[where] = (repeated[where] ?? 0) + 1;
    } else seen.set(id, used);
  }
}
for (const [where, count] of Object.entries(repeated)) console.log(`${String(count).padStart(6)} orders came again: ${where}`);
console.log(`${String(10_000 - seen.size).padStart(6)} orders never came`);
await client.end();
