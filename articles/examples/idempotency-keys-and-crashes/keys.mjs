// An idempotency key in five places, and a process that is killed after each of its steps. Nothing to install.
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

/** Files stand for systems that cannot commit together: a cache with keys, the database with the money, and a bank. */
function stores(dir) {
  const [ledger, cache, bank] = ["ledger.db", "keys.db", "bank.db"].map((name) => open(join(dir, name)));
  const keys = "create table if not exists keys (key text primary key, response text, state text, owner text, lease_until integer)";
  ledger.exec("create table if not exists bookings (id integer primary key, key text, amount integer);" + keys);
  cache.exec(keys);
  bank.exec("create table if not exists charges (id integer primary key, key text unique)");
  const book = (key) => `booking ${ledger.prepare("insert into bookings (key, amount) values (?, 120)").run(key).lastInsertRowid}`;
  /** Charges the card and returns what the bank says. With a key, the bank charges once and repeats its first response. */
  const charge = (key = null) => {
    bank.prepare("insert into charges (key) values (?) on conflict do nothing").run(key);
    const row = key ? bank.prepare("select id from charges where key = ?").get(key) : bank.prepare("select max(id) id from charges").get();
    return `charge ${row.id}`;
  };
  return { ledger, cache, bank, book, charge };
}

/** Takes the key if it is new or its lease has run out. Returns the stored row if it may not be taken. */
function lease(db, key, owner) {
  const now = Date.now();
  const { changes } = db
    .prepare(
      `insert into keys (key, state, owner, lease_until) values (?, 'running', ?, ?)
       on conflict (key) do update set owner = excluded.owner, lease_until = excluded.lease_until
       where state = 'running' and lease_until < ?`,
    )
    .run(key, owner, now + LEASE_MS, now);
  return changes ? undefined : db.prepare("select state, response from keys where key = ?").get(key);
}

const answer = ({ state, response }) => (state === "done" ? `stored: ${response}` : "in progress");

/** Each takes the key, does the work, and calls step(n) after its nth step; `work` is the time the work takes. */
const variants = {
  "act, then store the key": ({ cache, book }, key, step, work) => {
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

  "store the key, then act": ({ cache, book }, key, step, work) => {
    if (!cache.prepare("insert or ignore into keys (key) values (?)").run(key).changes) return "already done";
    step(1);
    work();
    const response = book(key);
    step(2);
    cache.prepare("update keys set response = ? where key = ?").run(response, key);
    step(3);
    return response;
  },

  "key with a lease, then act": ({ cache, book }, key, step, work) => {
    const taken = lease(cache, key, `${process.pid}`);
    if (taken) return answer(taken);
    step(1);
    work();
    const response = book(key);
    step(2);
    cache.prepare("update keys set state = 'done', response = ? where key = ?").run(response, key);
    step(3);
    return response;
  },

  "lease checked by the commit": ({ ledger, book }, key, step, work) => {
    const owner = `${process.pid}`;
    const taken = lease(ledger, key, owner); // a commit of its own
    if (taken) return answer(taken);
    step(1);
    work();
    ledger.exec("begin immediate");
    const { changes } = ledger.prepare("update keys set state = 'done' where key = ? and owner = ? and state = 'running'").run(key, owner);
    if (!changes) {
      ledger.exec("rollback"); // somebody else has the lease now
      return "lost the lease";
    }
    const response = book(key);
    step(2);
    ledger.prepare("update keys set response = ? where key = ?").run(response, key);
    ledger.exec("commit");
    step(3);
    return response;
  },

  "one transaction": ({ ledger, book }, key, step, work) => {
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

/** The same with a bank that no transaction reaches: the first commit stores the intention, the second the bank's response. */
const banks = {
  "key not passed on": (all, key, step) => withBank(all, key, step, undefined),
  "key passed on": (all, key, step) => withBank(all, key, step, `payment-${key}`),
};

function withBank({ ledger, charge }, key, step, bankKey) {
  const taken = lease(ledger, key, `${process.pid}`); // 1. the intention
  if (taken) return answer(taken);
  step(1);
  const response = charge(bankKey); // 2. no transaction is open
  step(2);
  // 3. Whoever has the lease now may store it, because the bank gives every attempt the same response.
  ledger.prepare("update keys set state = 'done', response = ? where key = ?").run(response, key);
  step(3);
  return response;
}

// ---- one attempt, in a process of its own ----
if (process.argv[2] === "attempt") {
  const [, , , dir, variant, killAfter, workMs, startAt] = process.argv;
  const all = stores(dir);
  sleep(Math.max(0, Number(startAt) - Date.now()));
  const step = (n) => {
    if (n === Number(killAfter)) process.kill(process.pid, "SIGKILL");
  };
  console.log({ ...variants, ...banks }[variant](all, "key-1", step, () => sleep(Number(workMs))));
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
  const { ledger, cache, bank } = stores(dir);
  const count = (db, table) => db.prepare(`select count(*) n from ${table}`).get().n;
  try {
    return await work(dir, () => count(ledger, "bookings"), () => count(bank, "charges"));
  } finally {
    for (const db of [ledger, cache, bank]) db.close();
    rmSync(dir, { recursive: true });
  }
}

const wide = 29;

/** Prints a row for each variant: the bookings or charges made after a kill at each step and a retry. */
async function matrix(rows, count) {
  console.log("".padEnd(wide) + "no crash  after step 1  step 2  step 3");
  for (const name of Object.keys(rows)) {
    const cells = [];
    for (const killAfter of [0, 1, 2, 3]) {
      cells.push(
        await inFolder(async (dir, bookings, charges) => {
          await attempt(dir, name, { killAfter });
          sleep(LEASE_MS + 50); // whoever holds a lease has lost it now
          await attempt(dir, name);
          return count(bookings, charges);
        }),
      );
    }
    console.log(name.padEnd(wide) + `${cells[0]}`.padStart(8) + `${cells[1]}`.padStart(14) + `${cells[2]}`.padStart(8) + `${cells[3]}`.padStart(8));
  }
}

console.log("1. Killed (SIGKILL) after a step, then a retry with the same key: bookings, should be 1");
await matrix(variants, (bookings) => bookings());

console.log("\n2. Eight processes, one key, at the same moment; the work takes 150 ms");
for (const name of Object.keys(variants)) {
  await inFolder(async (dir, bookings) => {
    const startAt = Date.now() + 1500;
    const answers = await Promise.all(Array.from({ length: 8 }, () => attempt(dir, name, { workMs: 150, startAt })));
    const counts = Object.entries(Object.groupBy(answers, (a) => a))
      .map(([a, all]) => `${all.length} × ${a}`)
      .sort()
      .reverse();
    const made = bookings();
    console.log(name.padEnd(wide) + `${made} booking${made === 1 ? " " : "s"}  ` + (counts.length > 3 ? `${counts.length} different responses` : counts.join(", ")));
  });
}

console.log("\n3. Nobody crashes: the first process takes 600 ms, the retry comes after 400 ms, the lease is 300 ms");
for (const name of Object.keys(variants)) {
  await inFolder(async (dir, bookings) => {
    const startAt = Date.now() + 1000;
    const [first, retry] = await Promise.all([attempt(dir, name, { workMs: 600, startAt }), attempt(dir, name, { startAt: startAt + 400 })]);
    const made = bookings();
    console.log(name.padEnd(wide) + `${made} booking${made === 1 ? " " : "s"}  first: ${first}; retry: ${retry}`);
  });
}

console.log("\n4. The work is a bank's: charges made, should be 1");
await matrix(banks, (bookings, charges) => charges());
