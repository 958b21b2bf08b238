// A table of bookings, and the load of the application on it: 100 reads and 100 writes a second, whether earlier ones have returned or not.
// The statements of one version are sent over a pool of 60 connections; those that find no free connection wait in the application.
import pg from "pg";

pg.types.setTypeParser(20, Number);
export const rows = 1_000_000;
export const admin = new pg.Client();
await admin.connect();
export const sql = async (text, values) => (await admin.query(text, values)).rows;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The table before the change: a price in euros. */
export async function createTable(count = rows) {
  await sql(`
    drop table if exists bookings;
    create table bookings (id bigint generated always as identity primary key, price numeric(10, 2) not null, note text not null);
    insert into bookings (price, note) select n % 1000 + 0.5, repeat('x', 60) from generate_series(1, ${count}) n;
  `);
  await sql("vacuum analyze bookings");
}

/**
 * Runs the step half a second after the load has begun, and ends the load half a second after it. Prints how long the step took, how many
 * statements waited for a lock at once, the slowest read and write, and how many statements were sent and failed.
 */
export async function underLoad(name, step, { read, write } = version1) {
  const pool = new pg.Pool({ max: 60 });
  await Promise.all(Array.from({ length: 60 }, () => pool.query("select pg_sleep(0.1)")));
  const watch = await watchLocks();
  const reads = { max: 0, errors: 0 };
  const writes = { max: 0, errors: 0 };
  const pending = [];
  const begin = performance.now();
  const timer = setInterval(() => {
    while (pending.length < (performance.now() - begin) / 5) pending.push(timed(pool, read, reads), timed(pool, write, writes));
  }, 5);
  await sleep(500);
  const start = performance.now();
  await step();
  const took = performance.now() - start;
  await sleep(500);
  clearInterval(timer);
  await Promise.all(pending);
  await pool.end();
  const seconds = (ms) => (ms / 1000).toFixed(1).padStart(6);
  const waiting = String(await watch.end()).padStart(8);
  const counts = [pending.length, reads.errors + writes.errors].map((count) => String(count).padStart(7));
  console.log(`${name.padEnd(28)} ${seconds(took)} s ${waiting} ${seconds(reads.max)} s ${seconds(writes.max)} s ${counts.join(" ")}`);
}

/** Samples how many statements wait for a lock. Returns end(), which resolves to the largest number seen, the step itself left out. */
async function watchLocks() {
  const client = new pg.Client();
  await client.connect();
  const own = (await sql("select pg_backend_pid() as pid"))[0].pid;
  let most = 0;
  let ended = false;
  const sampling = (async () => {
    while (!ended) {
      const { rows } = await client.query("select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and pid <> $1", [own]);
      most = Math.max(most, rows[0].n);
      await sleep(10);
    }
    await client.end();
  })();
  return { end: () => ((ended = true), sampling.then(() => most)) };
}

export const version1 = {
  read: "select price from bookings where id = $1",
  write: "update bookings set price = price + 1 where id = $1",
};

/** What the last version sends, when the old column is no longer used. */
export const version4 = {
  read: "select price_cents from bookings where id = $1",
  write: "update bookings set price_cents = price_cents + 100 where id = $1",
};

export const header = "step                            took  waiting     read    write    sent  failed";

async function timed(pool, statement, result) {
  const start = performance.now();
  try {
    await pool.query(statement, [1 + Math.floor(Math.random() * rows)]);
  } catch {
    result.errors++;
  }
  result.max = Math.max(result.max, performance.now() - start);
}
