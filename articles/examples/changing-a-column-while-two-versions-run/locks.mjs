// What readers and writers of version 1 wait for during each step, in a table of a million rows.
import pg from "pg";
import { admin, createTable, header, rows, sleep, sql, underLoad, version4 } from "./load.mjs";

/** Opens a report: a transaction that has read the table and ends after this time. Returns { ended }, a promise. */
async function openReport(ms) {
  const client = new pg.Client();
  await client.connect();
  await client.query("begin");
  await client.query("select id from bookings limit 1");
  return { ended: sleep(ms).then(() => client.query("commit")).then(() => client.end()) };
}

// region retry
async function withLockTimeout(statement) {
  await sql("set lock_timeout = '50ms'");
  for (let attempt = 1; ; attempt++) {
    try {
      await sql(statement);
      await sql("reset lock_timeout");
      return attempt;
    } catch (error) {
      if (error.code !== "55P03") throw error; // lock_not_available
      await sleep(200);
    }
  }
}
// endregion

// region batches
async function backfill() {
  for (let from = 1; from <= rows; from += 5000) {
    await sql(
      "update bookings set price_cents = price * 100 where id between $1 and $2 and price_cents is distinct from price * 100",
      [from, from + 4999],
    );
    await sleep(5);
  }
}
// endregion

console.log(`A table of ${rows.toLocaleString("en")} bookings, 100 reads and 100 writes a second on 60 connections.`);
console.log("waiting: statements of the application waiting for a lock at once; read, write: the slowest\n");
console.log(header);
await createTable();
await underLoad("everything in one go", () =>
  sql(`
    begin;
    alter table bookings add column price_cents bigint;
    update bookings set price_cents = price * 100;
    alter table bookings alter column price_cents set not null;
    alter table bookings drop column price;
    commit;
  `),
);
await createTable();
await underLoad("add column", () => sql("alter table bookings add column price_cents bigint"));
await sql("alter table bookings drop column price_cents");
let report = await openReport(3000);
await underLoad("add column behind a report", () => sql("alter table bookings add column price_cents bigint"));
await report.ended;
await sql("alter table bookings drop column price_cents");
report = await openReport(3000);
let attempts;
await underLoad("the same with lock_timeout", async () => {
  attempts = await withLockTimeout("alter table bookings add column price_cents bigint");
});
await report.ended;
await underLoad("backfill in one update", () => sql("update bookings set price_cents = price * 100"));
await createTable();
await sql("alter table bookings add column price_cents bigint");
await underLoad("backfill in batches of 5,000", backfill);
await sql("update bookings set price_cents = price * 100 where price_cents is distinct from price * 100");
await underLoad("set not null", () => sql("alter table bookings alter column price_cents set not null"));
await sql("alter table bookings alter column price_cents drop not null");
await underLoad("add check, not valid", () =>
  withLockTimeout("alter table bookings add constraint price_cents_set check (price_cents is not null) not valid"),
);
await underLoad("validate the check", () => sql("alter table bookings validate constraint price_cents_set"));
await underLoad("set not null, check there", () => withLockTimeout("alter table bookings alter column price_cents set not null"));
await underLoad("drop the check", () => withLockTimeout("alter table bookings drop constraint price_cents_set"));
await underLoad("old column may be null", () => withLockTimeout("alter table bookings alter column price drop not null"));
await underLoad("drop the old column", () => withLockTimeout("alter table bookings drop column price"), version4);
await createTable();
await underLoad("change the type to bigint", () => sql("alter table bookings alter column price type bigint using price * 100"));
console.log(`\nWith lock_timeout the column was added at attempt ${attempts}.`);
await admin.end();
