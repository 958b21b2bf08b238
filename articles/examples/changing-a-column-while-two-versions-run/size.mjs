// What a backfill of a million rows leaves behind: the size of the table, and the log that a replica has to replay.
import { admin, createTable, rows, sql } from "./load.mjs";

const batch = 5000;
const fillBatches = async (vacuumEvery) => {
  for (let from = 1; from <= rows; from += batch) {
    await sql("update bookings set price_cents = price * 100 where id between $1 and $2 and price_cents is distinct from price * 100", [from, from + batch - 1]);
    if (vacuumEvery && (from + batch - 1) % vacuumEvery === 0) await sql("vacuum bookings");
  }
};
const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MB`.padStart(10);
const size = async () => Number((await sql("select pg_table_size('bookings') as size"))[0].size);

console.log(`${"".padEnd(34)}    before     after       log`);
for (const [name, fill] of Object.entries({
  "one update": () => sql("update bookings set price_cents = price * 100"),
  "batches of 5,000": () => fillBatches(),
  "the same, a vacuum after each 20": () => fillBatches(20 * batch),
})) {
  await createTable();
  await sql("alter table bookings set (autovacuum_enabled = false)"); // it starts once a minute, by chance during the run
  await sql("alter table bookings add column price_cents bigint");
  await sql("checkpoint");
  const [{ lsn }] = await sql("select pg_current_wal_lsn() as lsn");
  const before = await size();
  await fill();
  const [{ log }] = await sql("select pg_wal_lsn_diff(pg_current_wal_lsn(), $1) as log", [lsn]);
  console.log(`${name.padEnd(34)}${megabytes(before)}${megabytes(await size())}${megabytes(Number(log))}`);
}
await sql("drop table bookings");
await admin.end();
