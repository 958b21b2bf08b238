// One client reads 10,000 orders in pages of 50 while another changes the table. How many does it get once, twice or never?
import pg from "pg";

const reader = new pg.Client();
const writer = new pg.Client();
await Promise.all([reader.connect(), writer.connect()]);
const read = async (sql, values) => (await reader.query(sql, values)).rows;
const write = (sql, values) => writer.query(sql, values);

/** 10,000 orders; created_at and priority have ties, as real ones have. */
const fill = () =>
  write(`
    drop table if exists orders;
    create table orders (id bigint generated always as identity primary key, created_at timestamptz not null, priority int not null, state text not null);
    insert into orders (created_at, priority, state)
      select timestamptz '2026-01-01' + n / 4 * interval '10 seconds', n % 10, 'open' from generate_series(1, 10000) n;
    create index on orders (created_at desc, id desc);
    analyze orders;
  `);

/** Calls nextPage(page number, last row) until it returns nothing, and between(rows, page number) after each page. */
async function readAll(nextPage, between = () => {}) {
  const seen = new Map();
  let last;
  for (let page = 1; ; page++) {
    const rows = await nextPage(page, last);
    if (rows.length === 0) return seen;
    for (const { id } of rows) seen.set(id, (seen.get(id) ?? 0) + 1);
    last = rows.at(-1);
    await between(rows, page);
  }
}

// region readers
const newest = "order by created_at desc, id desc limit 50";
const offset = (page) => read(`select id, created_at::text from orders ${newest} offset $1`, [(page - 1) * 50]);
const keyset = (_, last) =>
  last
    ? read(`select id, created_at::text from orders where (created_at, id) < ($1, $2) ${newest}`, [last.created_at, last.id])
    : read(`select id, created_at::text from orders ${newest}`);
// endregion

const insertOne = () => write("insert into orders (created_at, priority, state) values ('2026-06-01', 1, 'open')");
const deleteOne = ([first]) => write("delete from orders where id = $1", [first.id]);
// region close
const openByOffset = (page) => read("select id from orders where state = 'open' order by id limit 50 offset $1", [(page - 1) * 50]);
const firstOpen = () => read("select id from orders where state = 'open' order by id limit 50");
const close = (rows) => write("update orders set state = 'closed' where id = any($1)", [rows.map((row) => row.id)]);
// endregion
const byPriority = (page) => read("select id from orders order by priority limit 50 offset $1", [(page - 1) * 50]);
const byPriorityAndId = (page) => read("select id from orders order by priority, id limit 50 offset $1", [(page - 1) * 50]);
const touch = (rows) => write("update orders set created_at = '2026-06-01' where id = $1", [String(Number(rows.at(-1).id) - 25)]);

// One order in a hundred has not been shipped. In descending order PostgreSQL puts null first.
const addShipped = () => write("alter table orders add column shipped_at timestamptz; update orders set shipped_at = created_at where id % 100 <> 0");
const lastShipped = "order by shipped_at desc, id desc limit 50";
const byShipped = (_, last) =>
  last
    ? read(`select id, shipped_at::text from orders where (shipped_at, id) < ($1, $2) ${lastShipped}`, [last.shipped_at, last.id])
    : read(`select id, shipped_at::text from orders ${lastShipped}`);

// Orders of an import, four in a millisecond. pg reads a timestamptz as a JavaScript date, which has no microseconds.
const importThem = () => write("update orders set created_at = timestamptz '2026-01-01' + id * interval '250 microseconds'");
const byDate = (_, last) =>
  last
    ? read(`select id, created_at from orders where (created_at, id) < ($1, $2) ${newest}`, [last.created_at, last.id])
    : read(`select id, created_at from orders ${newest}`);

async function report(name, nextPage, between, prepare = () => {}) {
  await fill();
  await prepare();
  const original = (await write("select id from orders")).rows.map((row) => row.id);
  const seen = await readAll(nextPage, between);
  const twice = original.filter((id) => seen.get(id) > 1).length;
  const never = original.filter((id) => !seen.has(id)).length;
  console.log(`  ${name.padEnd(42)}${String(twice).padStart(6)}${String(never).padStart(7)}`);
}

console.log("Of 10,000 orders, read in pages of 50");
console.log(`  ${"between two pages another client …".padEnd(42)} twice  never`);
await report("inserts a new order: offset", offset, insertOne);
await report("inserts a new order: keyset", keyset, insertOne);
await report("deletes an order just read: offset", offset, deleteOne);
await report("deletes an order just read: keyset", keyset, deleteOne);
await report("closes the page of open orders: offset", openByOffset, close);
await report("closes the page of open: first page", firstOpen, close);
await report("does nothing, order by priority", byPriority);
await report("does nothing, order by priority, id", byPriorityAndId);
await report("does nothing, keyset over a null", byShipped, undefined, addShipped);
await report("does nothing, keyset cut to milliseconds", byDate, undefined, importThem);
await report("does nothing, keyset with microseconds", keyset, undefined, importThem);
await report("moves an unread order to the top: offset", offset, touch);
await report("moves an unread order to the top: keyset", keyset, touch);
await Promise.all([reader.end(), writer.end()]);
