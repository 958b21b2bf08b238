// Orders are committed later than their ids say, while one client reads on from its cursor. How many does it never get?
import pg from "pg";

const open = async () => {
  const client = new pg.Client();
  await client.connect();
  return client;
};
const [reader, ...writers] = await Promise.all(Array.from({ length: 5 }, open));
const rows = async (sql, values) => (await reader.query(sql, values)).rows;

/** Four writers at once, 250 orders each; every tenth transaction stays open for 20 ms after its insert. */
async function write(client) {
  for (let n = 0; n < 250; n++) {
    await client.query("begin");
    await client.query("insert into orders (xid) values (pg_current_xact_id())");
    if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await client.query("commit");
  }
}

// region safe
// Only orders of transactions older than every one that is still open: whatever commits later has a larger xid.
const settled = `select id, xid::text from orders
  where (xid, id) > ($1::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
  order by xid, id limit 50`;
// endregion
const readers = {
  "id greater than the last one": (last) => rows("select id from orders where id > $1 order by id limit 50", [last?.id ?? 0]),
  "by transaction, settled only": (last) => rows(settled, [last?.xid ?? "0", last?.id ?? 0]),
};

const runs = 10;
console.log(`Of 1,000 orders, read while four clients write them, in ${runs} runs`);
for (const [name, next] of Object.entries(readers)) {
  const missed = [];
  for (let run = 0; run < runs; run++) missed.push(await missedBy(next));
  missed.sort((a, b) => a - b);
  console.log(`  ${name.padEnd(30)} never ${String(missed[0]).padStart(3)} to ${missed.at(-1)}: ${missed.join(" ")}`);
}

async function missedBy(next) {
  await reader.query(`
    drop table if exists orders;
    create table orders (id bigint generated always as identity primary key, xid xid8 not null);
    create index on orders (xid, id)`);
  const seen = new Set();
  let last;
  const readOn = async () => {
    for (const row of await next(last)) {
      seen.add(row.id);
      last = row;
    }
  };
  let writing = true;
  const done = Promise.all(writers.map(write)).then(() => (writing = false));
  while (writing) await readOn();
  await done;
  const end = Date.now() + 3000;
  while (Date.now() < end && seen.size < 1000) await readOn();
  return 1000 - seen.size;
}
await Promise.all([reader, ...writers].map((client) => client.end()));
