// How long page 10,000 of a million orders takes in SQLite, by the way it is asked for, and how SQLite says that it searches.
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(":memory:");
database.exec(`
  create table orders (id integer primary key, created_at integer not null, customer integer not null, note text not null);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)
    insert into orders select i, i / 4 * 10, i % 50000, printf('%0100d', 0) from n;
  create index orders_newest on orders (created_at desc, id desc);
  analyze;
`);
const order = "order by created_at desc, id desc limit 50";
const ways = {
  "offset": `select * from orders ${order} offset 499950`,
  "keyset, row values": `select * from orders where (created_at, id) < (:at, :id) ${order}`,
  "keyset, or": `select * from orders where created_at < :at or (created_at = :at and id < :id) ${order}`,
  "keyset, or + bound": `select * from orders where created_at <= :at and (created_at < :at or (created_at = :at and id < :id)) ${order}`,
};
const { at, id } = database.prepare(`select created_at as at, id from orders order by created_at desc, id desc limit 1 offset 499949`).get();

console.log(`SQLite ${database.prepare("select sqlite_version() as v").get().v}: page 10,000, the fastest of 20`);
for (const [way, sql] of Object.entries(ways)) {
  const statement = database.prepare(sql);
  const values = way === "offset" ? {} : { at, id };
  let least = Infinity;
  for (let run = 0; run < 20; run++) {
    const start = performance.now();
    statement.all(values);
    least = Math.min(least, performance.now() - start);
  }
  const [plan] = database.prepare(`explain query plan ${sql}`).all(values);
  console.log(`${way.padEnd(18)}  ${least.toFixed(2).padStart(5)} ms  ${plan.detail}`);
}
