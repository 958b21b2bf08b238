// One database (SQLite), one mail server (SMTP on 127.0.0.1), one process that
// is killed between the two. The same file is the parent and the worker.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import nodemailer from "nodemailer";
import { SMTPServer } from "smtp-server";

const openDb = (file) => {
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = wal; pragma busy_timeout = 2000;
    create table if not exists orders (id integer primary key);
    create table if not exists outbox (
      id integer primary key, message_id text not null unique);`);
  return db;
};

if (process.argv[2] === "worker") await worker(JSON.parse(process.argv[3]));
else await parent();

// ---------------------------------------------------------------- the worker

async function worker({ way, file, port, from, to, every, killAt }) {
  const db = openDb(file);
  const post = nodemailer.createTransport({ pool: true, maxConnections: 1, host: "127.0.0.1", port, secure: false, ignoreTLS: true });
  const die = () => process.kill(process.pid, "SIGKILL");
  const messageId = (id) => `<order-${id}@shop.example>`;
  const send = (id) =>
    post.sendMail({ from: "shop@shop.example", to: "customer@example.com",
      subject: `Order ${id}`, text: "Thank you.", messageId: messageId(id) });
  const insert = (id) => db.prepare("insert into orders values (?) on conflict do nothing").run(id).changes === 1;

  const take = {
    "commit, send": async (id, kill) => {
      if (!insert(id)) return; // seen before: the answer is "already done"
      if (kill) die(); // both kinds fall here: it is the only gap
      await send(id);
    },
    "commit, send always": async (id, kill) => {
      insert(id);
      if (kill === "before") die();
      await send(id);
      if (kill === "after") die();
    },
    "send, commit": async (id, kill) => {
      db.exec("begin immediate");
      insert(id);
      await send(id);
      if (kill) die();
      db.exec("commit");
    },
    outbox: async (id, kill) => {
      db.exec("begin immediate");
      if (insert(id)) db.prepare("insert into outbox (id, message_id) values (?, ?)").run(id, messageId(id));
      db.exec("commit");
      if (kill === "before") die();
      if (!every) await relay(kill === "after");
    },
  };

  async function relay(kill) {
    for (let row; (row = db.prepare("select id from outbox order by id limit 1").get()); ) {
      await send(row.id);
      if (kill) die();
      db.prepare("delete from outbox where id = ?").run(row.id);
    }
  }

  if (!every) {
    // One after another; the parent says at which order the process dies.
    if (way === "outbox") await relay(false);
    for (let id = from; id <= to; id++) await take[way](id, killAt?.[id]);
    process.exit(0);
  }
  // A steady stream, until the parent kills us. The first mail opens the connection.
  await post.sendMail({ from: "shop@shop.example", to: "customer@example.com", text: "-", messageId: "<warm-up@shop.example>" });
  if (way === "outbox") void (async () => { for (;;) { await relay(false); await sleep(2); } })();
  const gaps = [];
  for (let id = from; ; id++) {
    const start = performance.now();
    void take[way](id, false).then(() => gaps.push(performance.now() - start));
    await sleep(every);
    if (to && id === to) {
      await sleep(200);
      process.send(gaps.reduce((a, b) => a + b, 0) / gaps.length);
      process.exit(0);
    }
  }
}

// ---------------------------------------------------------------- the parent

async function parent() {
  let accepted = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, done) => setTimeout(done, 20), // looks the recipient up
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk) => (text += chunk));
      stream.on("end", () => {
        const order = /^Message-ID: <order-(\d+)@/im.exec(text);
        if (order) accepted.push(Number(order[1]));
        done();
      });
    },
  });
  server.on("error", () => {}); // connections of killed workers
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const port = server.server.address().port;

  const start = (task) => fork(import.meta.filename, ["worker", JSON.stringify(task)], { execArgv: ["--no-warnings"] });
  const end = (child) => new Promise((done) => child.on("exit", done));

  async function fresh(run) {
    const dir = mkdtempSync(path.join(tmpdir(), "two-writes-"));
    accepted = [];
    try {
      return await run(path.join(dir, "shop.db"));
    } finally {
      rmSync(dir, { recursive: true });
    }
  }
  function count(file) {
    const db = openDb(file);
    const orders = new Set(db.prepare("select id from orders").all().map((row) => row.id));
    db.close();
    const mailed = new Set(accepted);
    return {
      orders: orders.size,
      missing: [...orders].filter((id) => !mailed.has(id)).length,
      false: [...mailed].filter((id) => !orders.has(id)).length,
      twice: accepted.length - mailed.size,
    };
  }
  const line = (name, c) =>
    console.log(`${name.padEnd(30)}${[c.orders, c.missing, c.false, c.twice].map((n) => String(n).padStart(8)).join("")}`);
  const head = (name) => console.log(`${name.padEnd(30)}${["orders", "missing", "false", "twice"].map((n) => n.padStart(8)).join("")}`);

  // 1. A hundred orders, the process dies at ten of them, in the gap.
  async function planned(way, tryAgain) {
    return fresh(async (file) => {
      let from = 1;
      const dead = new Set();
      for (;;) {
        const killAt = {};
        for (let id = 10; id <= 100; id += 10) if (!dead.has(id)) killAt[id] = id % 20 ? "before" : "after"; // of the send
        const before = Math.min(...Object.keys(killAt).map(Number));
        await end(start({ way, file, port, from, to: 100, killAt }));
        if (before === Infinity) break;
        dead.add(before);
        from = tryAgain ? before : before + 1;
        if (from > 100 && way !== "outbox") break;
      }
      return { ...count(file), arrivals: accepted.slice() };
    });
  }
  head("killed in the gap, 10 of 100");
  let arrivals;
  for (const way of ["commit, send", "send, commit", "outbox"]) {
    const c = await planned(way, false);
    line(way, c);
    if (way === "outbox") arrivals = c.arrivals;
  }
  console.log("the same, the caller tries again");
  for (const way of ["commit, send", "commit, send always", "send, commit", "outbox"]) line(way, await planned(way, true));
  console.log(`outbox, what arrived: ${arrivals.slice(16, 24).join(" ")} ...`);

  // 2. Twenty orders a second, killed from outside at a random moment, forty times.
  const every = 50;
  const gap = await fresh(async (file) => {
    const child = start({ way: "commit, send", file, port, from: 1, to: 60, every });
    return new Promise((done) => child.on("message", done));
  });
  console.log(`\none order each ${every} ms, commit to the server's 250: ${gap.toFixed(0)} ms on average`);
  head("killed at random, 40 times");
  for (const way of ["commit, send", "outbox"])
    await fresh(async (file) => {
      for (let kill = 1; kill <= 40; kill++) {
        const child = start({ way, file, port, from: kill * 1000, every });
        await sleep(800 + Math.random() * 200);
        child.kill("SIGKILL");
        await end(child);
      }
      if (way === "outbox") await end(start({ way, file, port, from: 1, to: 0 })); // a last relay empties the table
      await sleep(100);
      line(way, count(file));
    });
  server.close();
  process.exit(0);
}
