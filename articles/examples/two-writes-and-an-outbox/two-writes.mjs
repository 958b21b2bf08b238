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
  db.exec(`pragma journal_mode = wal; pragma busy_timeout = 5000;
    create table if not exists bookings (id integer primary key, booked_at integer not null, confirmed_at integer);
    create table if not exists outbox (
      id integer primary key, message_id text not null unique, claimed_until integer not null default 0,
      attempts integer not null default 0, not_before integer not null default 0);`);
  return db;
};
/** The time in ms, the same in all processes of a machine. */
const now = () => performance.timeOrigin + performance.now();
const messageId = (id) => `<booking-${id}@hotel.example>`;

if (process.argv[2] === "worker") await worker(JSON.parse(process.argv[3]));
else await parent();

// ---------------------------------------------------------------- the worker

async function worker({ way, file, port, from, to, every, killAt, cold, stops, refused, ageMs = 2000 }) {
  const db = openDb(file);
  const mailer = nodemailer.createTransport({ pool: true, maxConnections: 1, host: "127.0.0.1", port, secure: false, ignoreTLS: true });
  const die = () => process.kill(process.pid, "SIGKILL");
  const send = (id) =>
    mailer.sendMail({ from: "desk@hotel.example", to: id === refused ? "refused@example.com" : "guest@example.com",
      subject: `Booking ${id}`, text: "Your booking is confirmed.", messageId: messageId(id) });
  const insert = (id) => db.prepare("insert into bookings (id, booked_at) values (?, ?) on conflict do nothing").run(id, Date.now()).changes === 1;

  const commits = {}; // when each booking was committed

  const take = {
    "commit, send": async (id, kill) => {
      if (!insert(id)) return; // seen before: the answer is "already done"
      if (kill) die(); // both kinds fall here: it is the only gap
      commits[id] = now();
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
    "send, insert": async (id) => {
      await send(id); // as above, without a transaction that stays open
      insert(id);
    },
    column: async (id) => {
      insert(id);
      await sendAndMark(id); // if it fails, the job sends it
    },
    outbox: async (id, kill) => {
      book(id);
      if (kill === "before") die();
      if (!every) await relay(kill === "after" ? die : undefined);
    },
  };

  // region write
  function book(id) {
    db.exec("begin immediate");
    if (insert(id)) db.prepare("insert into outbox (id, message_id) values (?, ?)").run(id, messageId(id));
    db.exec("commit");
  }
  // endregion

  // region relay
  const due = db.prepare("select id from outbox where not_before <= :now order by id limit 1");
  const postpone = db.prepare(`update outbox set attempts = attempts + 1,
    not_before = :now + min(1000 << min(attempts, 6), 60000) where id = :id`);

  async function relay(afterSend) {
    for (let row; (row = due.get({ now: Date.now() })); ) {
      try {
        await send(row.id);
      } catch {
        if (stops) process.exit(1); // for comparison
        postpone.run({ id: row.id, now: Date.now() }); // the others don't wait for this one
        continue;
      }
      afterSend?.();
      db.prepare("delete from outbox where id = ?").run(row.id);
    }
  }
  // endregion

  // region column
  const unconfirmed = db.prepare("select id from bookings where confirmed_at is null and booked_at < ? order by id");

  async function sendAndMark(id) {
    await send(id);
    db.prepare("update bookings set confirmed_at = ? where id = ?").run(Date.now(), id);
  }
  /** Sends what is missing for each booking that is older than ageMs: longer than a send may take. */
  async function job(ageMs) {
    for (const { id } of unconfirmed.all(Date.now() - ageMs)) await sendAndMark(id).catch(() => {});
  }
  // endregion

  // region claim
  /** Takes the oldest row that no other relay has claimed, for as long as a send may take. */
  const claim = db.prepare(`update outbox set claimed_until = :now + 30000 where id =
    (select id from outbox where claimed_until < :now order by id limit 1) returning id`);
  // endregion

  async function claimingRelay() {
    for (let row; (row = claim.get({ now: Date.now() })); ) {
      await send(row.id);
      db.prepare("delete from outbox where id = ?").run(row.id);
    }
  }

  if (way === "fill") {
    for (let id = from; id <= to; id++) book(id);
    process.exit(0);
  }
  if (way === "relay" || way === "claiming relay") {
    await mailer.verify();
    process.send("ready");
    await new Promise((go) => process.once("message", go));
    await (way === "relay" ? relay() : claimingRelay());
    process.exit(0);
  }
  if (!every) {
    // One after another; the parent says at which booking the process dies.
    if (way === "outbox") await relay();
    for (let id = from; id <= to; id++) await take[way](id, killAt?.[id]);
    process.exit(0);
  }
  // A steady stream, until the parent kills us. Unless cold, a first mail has opened the connection.
  if (!cold) await mailer.sendMail({ from: "desk@hotel.example", to: "guest@example.com", text: "-", messageId: "<warm-up@hotel.example>" });
  process.send("ready");
  if (way === "outbox") void (async () => { for (;;) { await relay(); await sleep(2); } })();
  if (way === "column") void (async () => { for (;;) { await job(ageMs); await sleep(100); } })();
  for (let id = from; ; id++) {
    take[way](id, false).catch(() => {}); // logged in a real program
    await sleep(every);
    if (to && id === to) {
      await sleep(1000);
      while (way === "outbox" && db.prepare("select 1 from outbox").get()) await sleep(100);
      while (way === "column" && db.prepare("select 1 from bookings where confirmed_at is null").get()) await sleep(100);
      process.send(commits);
      process.exit(0);
    }
  }
}

// ---------------------------------------------------------------- the parent

async function parent() {
  let accepted = []; // the bookings whose mails the server has, as they arrived
  let arrivedAt = {};
  const createServer = () => new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 10,
    onRcptTo: ({ address }, _session, done) => // looks the recipient up
      setTimeout(done, 20, address.startsWith("refused") ? new Error("no such mailbox") : undefined),
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk) => (text += chunk));
      stream.on("end", () => {
        const booking = /^Message-ID: <booking-(\d+)@/im.exec(text);
        if (booking) accepted.push(Number(booking[1]));
        if (booking) arrivedAt[booking[1]] = now();
        done();
      });
    },
  });
  let server;
  async function listen(port = 0) {
    server = createServer();
    server.on("error", () => {}); // connections of killed workers
    await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
    return server.server.address().port;
  }
  const port = await listen();

  const start = (task) => fork(import.meta.filename, ["worker", JSON.stringify(task)], { execArgv: ["--no-warnings"] });
  const end = (child) => new Promise((done) => child.on("exit", done));
  const message = (child) => new Promise((done) => child.once("message", done));

  async function fresh(run) {
    const dir = mkdtempSync(path.join(tmpdir(), "two-writes-"));
    const before = accepted;
    accepted = [];
    try {
      return await run(path.join(dir, "hotel.db"));
    } finally {
      accepted = before;
      rmSync(dir, { recursive: true });
    }
  }
  function count(file) {
    const db = openDb(file);
    const bookings = new Set(db.prepare("select id from bookings").all().map((row) => row.id));
    db.close();
    const mailed = new Set(accepted);
    return {
      bookings: bookings.size,
      missing: [...bookings].filter((id) => !mailed.has(id)).length,
      false: [...mailed].filter((id) => !bookings.has(id)).length,
      twice: accepted.length - mailed.size,
    };
  }
  const columns = (values) => values.map((value) => String(value).padStart(10)).join("");
  const line = (name, c, ...more) => console.log(`${name.padEnd(22)}${columns([c.bookings, c.missing, c.false, c.twice, ...more])}`);
  const head = (name, ...more) => console.log(`${name.padEnd(22)}${columns(["bookings", "missing", "false", "twice", ...more])}`);

  if (process.argv[2] === "outage") {
    await outage();
    await refusal();
    process.exit(0);
  }
  if (process.argv[2] === "kills") {
    await randomKills();
    process.exit(0);
  }

  // The mail server stops for half a minute while bookings go on. Nothing is killed.
  async function outage() {
    head("mail server down 30 s", "meanwhile");
    const booked = (file) => count(file).bookings;
    for (const way of ["commit, send", "send, commit", "outbox", "column"])
      await fresh(async (file) => {
        const child = start({ way: way === "send, commit" ? "send, insert" : way, file, port, from: 1, to: 700, every: 50 });
        await message(child);
        await sleep(2000);
        await new Promise((closed) => server.close(closed));
        const before = booked(file);
        await sleep(30_000);
        const meanwhile = booked(file) - before;
        await listen(port);
        await end(child);
        line(way, count(file), meanwhile);
      });
  }

  // One recipient of a hundred is refused.
  async function refusal() {
    console.log("");
    head("recipient 50 is refused");
    for (const [name, stops] of [["relay stops at an error", true], ["relay postpones the row", false]])
      await fresh(async (file) => {
        await end(start({ way: "fill", file, port, from: 1, to: 100 }));
        const child = start({ way: "relay", file, port, stops, refused: 50 });
        await message(child);
        child.send("go");
        await end(child);
        line(name, count(file));
      });
  }

  // Twenty bookings a second, killed from outside at a random moment, 120 times.
  async function randomKills() {
    const every = 50;
    const kills = 120;
    console.log(`one booking each ${every} ms, killed ${kills} times at a random moment of the first second`);
    /** From the commit to the arrival at the server, in ms, in the second in which the kills fall. */
    const measureGaps = (task) =>
      fresh(async (file) => {
        arrivedAt = {};
        const child = start({ ...task, file, port, from: 1, to: 20 });
        await message(child);
        const commits = await message(child);
        return Object.keys(commits).map((id) => arrivedAt[id] - commits[id]);
      });
    head("", "gap", "expected");
    for (const [name, way, cold] of [["commit, send", "commit, send", false], ["the same, connecting", "commit, send", true], ["outbox", "outbox", false], ["column and job", "column", false]]) {
      await fresh(async (file) => {
        const gaps = [];
        for (let kill = 1; kill <= kills; kill++) {
          if (kill % 4 === 0 && way.startsWith("commit")) gaps.push(...(await measureGaps({ way, every, cold })));
          const child = start({ way, file, port, from: kill * 1000, every, cold });
          await message(child);
          await sleep(Math.random() * 1000);
          const ended = end(child);
          child.kill("SIGKILL");
          await ended;
        }
        if (way === "outbox") await end(start({ way, file, port, from: 1, to: 0 })); // a last relay empties the table
        if (way === "column") { // a last process with the job
          const child = start({ way, file, port, from: 1_000_000, to: 1_000_000, every });
          await end(child);
        }
        await sleep(100);
        const gap = gaps.reduce((a, b) => a + b, 0) / gaps.length;
        line(name, count(file), ...(gap ? [`${gap.toFixed(0)} ms`, Math.round((kills * gap) / every)] : []));
      });
    }
  }

  // 1. A hundred bookings, the process dies at ten of them, in the gap.
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
  head("killed at 10 of 100");
  let arrivals;
  for (const way of ["commit, send", "send, commit", "outbox"]) {
    const c = await planned(way, false);
    line(way, c);
    if (way === "outbox") arrivals = c.arrivals;
  }
  console.log("");
  head("the caller tries again");
  for (const way of ["commit, send", "commit, send always", "send, commit", "outbox"]) line(way, await planned(way, true));
  console.log(`\nwhat arrived from the outbox: ${arrivals.slice(16, 24).join(" ")}`);

  // 2. Two relays on one outbox of a hundred rows.
  console.log("");
  head("two relays at once", "overtaken");
  for (const way of ["relay", "claiming relay"])
    await fresh(async (file) => {
      await end(start({ way: "fill", file, port, from: 1, to: 100 }));
      const relays = [1, 2].map(() => start({ way, file, port }));
      await Promise.all(relays.map(message));
      const ended = relays.map(end);
      for (const relay of relays) relay.send("go");
      await Promise.all(ended);
      const firsts = [...new Set(accepted)];
      line(way, count(file), firsts.filter((id, index) => index > 0 && id < firsts[index - 1]).length);
    });
  server.close();
  process.exit(0);
}
