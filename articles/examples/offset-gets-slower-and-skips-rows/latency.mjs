// How long a page of 50 orders takes in a table of a million, by its number and by the way it is asked for.
import pg from "pg";

const client = new pg.Client();
await client.connect();
const query = async (sql, values) => (await client.query(sql, values)).rows;

await query(`
  create table orders (id bigint generated always as identity primary key, created_at timestamptz not null, customer int not null, note text not null);
  select setseed(0.5);
  insert into orders (created_at, customer, note)
    select timestamptz '2026-01-01' + n / 4 * interval '10 seconds', random() * 50000, repeat('x', 100) from generate_series(1, 1000000) n;
  create index orders_newest on orders (created_at desc, id desc);
`);
await query("vacuum analyze orders");

const size = 50;
const order = "order by created_at desc, id desc limit 50";
// region ways
const ways = {
  "offset": `select * from orders ${order} offset $1`,
  "offset, ids first": `select o.* from (select id from orders ${order} offset $1) page join orders o using (id)
                    order by created_at desc, id desc`,
  "keyset, row values": `select * from orders where (created_at, id) < ($1, $2) ${order}`,
  "keyset, or": `select * from orders where created_at < $1 or (created_at = $1 and id < $2) ${order}`,
  "keyset, or + bound": `select * from orders where created_at <= $1
                        and (created_at < $1 or (created_at = $1 and id < $2)) ${order}`,
};
// endregion

/** The values that lead to this page: the number of rows before it, or the last row of the page before it. */
async function valuesOf(way, page) {
  if (way.startsWith("offset")) return [(page - 1) * size];
  const [last] = await query(`select created_at::text, id from orders order by created_at desc, id desc limit 1 offset $1`, [(page - 1) * size - 1]);
  return [last.created_at, last.id];
}

/** The fastest of 50 runs: other work of the machine only ever adds time. */
async function fastest(sql, values, runs = 50) {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await query(sql, values);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** How many rows the plan took from the table or its indexes to return the page, and the node that took most. */
async function rowsRead(sql, values) {
  const [{ "QUERY PLAN": [{ Plan: plan }] }] = await query(`explain (analyze, format json) ${sql}`, values);
  let most = { rows: 0 };
  (function walk(node) {
    const rows = (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];
    if (/Scan/.test(node["Node Type"]) && rows > most.rows) most = { rows, type: node["Node Type"] };
    node.Plans?.forEach(walk);
  })(plan);
  return most;
}

const line = (way, page, ms, rows, node) =>
  console.log(`${way.padEnd(18)}  ${String(page).padStart(6)}  ${ms.toFixed(1).padStart(6)} ms  ${rows.toLocaleString("en").padStart(9)}  ${node}`.trimEnd());

console.log("A page of 50 of 1,000,000 orders, newest first; the time is the fastest of 50\n");
console.log("way to ask            page       time  rows read  by");
for (const [way, sql] of Object.entries(ways)) {
  for (const page of [2, 10, 100, 1000, 5000, 10000, 20000]) {
    const values = await valuesOf(way, page);
    const { rows, type } = await rowsRead(sql, values);
    line(way, page, await fastest(sql, values), rows, type);
  }
}
line("count(*)", "", await fastest("select count(*) from orders", []), 1000000, "");
await client.end();
