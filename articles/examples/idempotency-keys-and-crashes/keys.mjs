// An idempotency key in four places, and a process that is killed after each of its steps. Nothing to install.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const LEASE_MS = 300;
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function open(file) {
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec("pragma journal_mode = wal; pragma synchronous = full");
  return db;
}

/** Two files stand for two systems that cannot commit together: say, a cache with the keys and the database with the money. */
function stores(dir) {
  const ledger = open(join(dir, "ledger.db"));
  const cache = open(join(dir, "keys.db"));
  const keys = "create table if not exists keys (key text primary key, response text, state text, lease_until integer)";
  ledger.exec("create table if not exists bookings (id integer primary key, key text, amount integer);" + keys);
  cache.exec(keys);
  const book = (key) => `booking ${ledger.prepare("insert into bookings (key, amount) values (?, 120)").run(key).lastInsertRowid}`;
  return { ledger, cache, book };
}

/** Each takes the key, does the work, and calls step(n) after its nth step; `work` is the time the work takes. */
const variants = {
  "look up, act, store the key": ({ cache, book }, key, step, work) => {
    const known = cache.prepare("select response from keys where key = ?").get(key);
    if (known) return `stored: ${known.response}`;
    step(1);
    work();
    const response = book(key);
    step(2);
    cache.prepare("insert or ignore into keys (key, response) values (?, ?)").run(key, response);
    step(3);
    return response;
  },

  "store the key, act": ({ cache, book }, key, step, work) => {
    if (!cache.prepare("insert or ignore into keys (key) values (?)").run(key).changes) return "already done";
    step(1);
    work();
    const response = book(key);
    step(2);
    cache.prepare("update keys set response = ? where key = ?").run(response, key);
    step(3);
    return response;
  },

  "store the key with a lease, act": ({ cache, book }, key, step, work) => {
    const now = Date.now();
    const { changes } = cache
      .prepare(
        `insert into keys (key, state, lease_until) values (?, 'running', ?)
         on conflict (key) do update set lease_until = excluded.lease_until where state = 'running' and lease_until < ?`,
      )
      .run(key, now + LEASE_MS, now);
    if (!changes) {
      const known = cache.prepare("select state, response from keys where key = ?").get(key);
      return known.state === "done" ? `stored: ${known.response}` : "in progress";
    }
    step(1);
    work();
    const response = book(key);
    step(2);
    cache.prepare("update keys set state = 'done', response = ? where key = ?").run(response, key);
    step(3);
    return response;
  },

  "key and work in one transaction": ({ ledger, book }, key, step, work) => {
    ledger.exec("begin immediate");
    const { changes } = ledger.prepare("insert into keys (key) values (?) on conflict do nothing").run(key);
    if (!changes) {
      const { response } = ledger.prepare("select response from keys where key = ?").get(key);
      ledger.exec("rollback");
      return `stored: ${response}`;
    }
    step(1);
    work();
    const response = book(key);
    step(2);
    ledger.prepare("update keys set response = ? where key = ?").run(response, key);
    ledger.exec("commit");
    step(3);
    return response;
  },
};

// ---- one attempt, in a process of its own ----
if (process.argv[2] === "attempt") {
  const [, , , dir, variant, killAfter, workMs, startAt] = process.argv;
  const all = stores(dir);
  sleep(Math.max(0, Number(startAt) - Date.now()));
  const step = (n) => {
    if (n === Number(killAfter)) process.kill(process.pid, "SIGKILL");
  };
  console.log(variants[variant](all, "key-1", step, () => sleep(Number(workMs))));
  process.exit();
}

const attempt = (dir, variant, { killAfter = 0, workMs = 0, startAt = 0 } = {}) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [import.meta.filename, "attempt", dir, variant, killAfter, workMs, startAt].map(String), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.on("data", (data) => (out += data));
    child.on("exit", (_, signal) => resolve(signal ?? out.trim()));
  });

async function inFolder(work) {
  const dir = mkdtempSync(join(tmpdir(), "keys-"));
  const { ledger, cache } = stores(dir);
  try {
    return await work(dir, () => ledger.prepare("select count(*) n from bookings").get().n);
  } finally {
    ledger.close();
    cache.close();
    rmSync(dir, { recursive: true });
  }
}

const names = Object.keys(variants);
const wide = Math.max(...names.map((n) => n.length)) + 2;

console.log("1. Killed (SIGKILL) after a step, then the client retries with the same key: bookings made, should be 1");
console.log("".padEnd(wide + 3) + "no crash  after step 1  step 2  step 3");
for (const name of names) {
  const cells = [];
  for (const killAfter of [0, 1, 2, 3]) {
    cells.push(
      await inFolder(async (dir, bookings) => {
        await attempt(dir, name, { killAfter });
        sleep(LEASE_MS + 50); // whoever holds a lease has lost it now
        await attempt(dir, name);
        return bookings();
      }),
    );
  }
  console.log("   " + name.padEnd(wide) + `${cells[0]}`.padStart(8) + `${cells[1]}`.padStart(14) + `${cells[2]}`.padStart(8) + `${cells[3]}`.padStart(8));
}

console.log("\n2. Eight processes, one key, at the same moment; the work takes 150 ms");
for (const name of names) {
  await inFolder(async (dir, bookings) => {
    const startAt = Date.now() + 1500;
    const answers = await Promise.all(Array.from({ length: 8 }, () => attempt(dir, name, { workMs: 150, startAt })));
    const counts = Object.entries(Object.groupBy(answers, (a) => a)).map(([a, all]) => `${all.length} × ${a}`);
    console.log("   " + name.padEnd(wide) + `${bookings()} bookings   ` + (counts.length > 3 ? `${counts.length} different answers` : counts.join(", ")));
  });
}

console.log("\n3. The first process is slow, 600 ms; the retry comes after 400 ms; the lease is 300 ms. Nobody crashes");
for (const name of names) {
  await inFolder(async (dir, bookings) => {
    const startAt = Date.now() + 1000;
    const answers = await Promise.all([attempt(dir, name, { workMs: 600, startAt }), attempt(dir, name, { startAt: startAt + 400 })]);
    console.log("   " + name.padEnd(wide) + `${bookings()} bookings   first: ${answers[0]}; retry: ${answers[1]}`);
  });
}

console.log("\n4. What the key costs: 3,000 bookings, each committed to disk (synchronous = full), three rounds");
await inFolder(async (dir) => {
  const all = stores(dir);
  const rates = { without: [], with: [] };
  for (let round = 0; round < 3; round++) {
    for (const kind of ["without", "with"]) {
      const start = performance.now();
      for (let i = 0; i < 3000; i++) {
        const key = `${round}-${kind}-${i}`;
        if (kind === "without") all.book(key);
        else variants["key and work in one transaction"](all, key, () => {}, () => {});
      }
      rates[kind].push(Math.round(3000 / ((performance.now() - start) / 1000)));
    }
  }
  console.log(`   without a key ${rates.without.join(", ")} a second; with ${rates.with.join(", ")} a second`);
});
