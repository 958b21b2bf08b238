// Fills many small SQLite databases, deletes about half of the people in each, and searches the files for the names of those.
// node bytes.mjs: in five ways. node bytes.mjs vacuum: what a vacuum costs, by the size of the file.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function open(folder, secureDelete) {
  const database = new DatabaseSync(path.join(folder, "people.db"));
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = off;
    pragma secure_delete = ${secureDelete};
    create table person (id integer primary key, reference text not null unique, content text not null, sent_at integer);
    create index person_sent on person (sent_at)`);
  return database;
}

function fill(database, people, random) {
  const insert = database.prepare("insert into person (reference, content, sent_at) values (?, ?, null)");
  for (let n = 0; n < people; n++) {
    const name = `zq${n}qz`;
    const message = "m".repeat(random() ** 3 * 900);
    const reference = `${Math.floor(random() * 2 ** 31).toString(36)}-${n}`;
    insert.run(reference, JSON.stringify({ name, email: `${name}@client.example`, message: `${name}, and so on. ${message}` }));
  }
}

const inFolder = (work) => {
  const folder = mkdtempSync(path.join(tmpdir(), "bytes-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

// region leave
/** Deletes about half of the people. Returns how many there were, and how many names are still in a file. */
function leave(seed, people, { secureDelete, updates = true, vacuum = false }) {
  return inFolder((folder) => {
    const random = randomNumbers(seed * people);
    const database = open(folder, secureDelete);
    fill(database, people, random);
    if (updates) database.exec("update person set sent_at = 1735689600000");
    const gone = Array.from({ length: people }, (_, n) => n).filter(() => random() < 0.5);
    const erase = database.prepare("delete from person where id = ?");
    for (const n of gone) erase.run(n + 1);
    if (vacuum) database.exec("vacuum");
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
    const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
    const found = gone.filter((n) => files.some((bytes) => bytes.includes(`zq${n}qz`)));
    return { gone: gone.length, found: found.length };
  });
}
// endregion

function seeds() {
  const stores = 100;
  const people = 200;
  let leaving = [];
  console.log(`${stores} databases of ${people} people; every row updated once, then about half deleted, one by one`);
  console.log("                        deleted  still in the file  databases with any");
  for (const [name, how] of [
    ["secure_delete off", { secureDelete: "off" }],
    ["secure_delete on", { secureDelete: "on" }],
    ["on, and no updates", { secureDelete: "on", updates: false }],
    ["off, then vacuum", { secureDelete: "off", vacuum: true }],
    ["on, then vacuum", { secureDelete: "on", vacuum: true }],
  ]) {
    const all = Array.from({ length: stores }, (_, index) => leave(index + 1, people, how));
    const sum = (key) => all.reduce((total, each) => total + each[key], 0);
    const numbers = all.flatMap(({ found }, index) => (found > 0 ? [index + 1] : []));
    if (name === "secure_delete on") leaving = numbers;
    console.log(
      `${name.padEnd(22)} ${String(sum("gone")).padStart(8)} ${String(sum("found")).padStart(18)} ${String(numbers.length).padStart(19)}`,
    );
  }
  console.log(`\nWith secure_delete on, somebody is left in the databases ${leaving.join(", ")}`);
}

function cost() {
  console.log("A vacuum after two rows of a hundred were deleted, five times each");
  console.log("   file    seconds (from  to)");
  for (const people of [10_000, 100_000, 500_000]) {
    inFolder((folder) => {
      const database = open(folder, "on");
      database.exec("begin");
      fill(database, people, randomNumbers(people));
      database.exec("commit; pragma wal_checkpoint(truncate)");
      const { size } = statSync(path.join(folder, "people.db"));
      const took = [];
      for (let round = 0; round < 5; round++) {
        database.exec(`delete from person where id % 50 = ${round}; pragma wal_checkpoint(truncate)`);
        const from = performance.now();
        database.exec("vacuum; pragma wal_checkpoint(truncate)");
        took.push((performance.now() - from) / 1000);
      }
      took.sort((a, b) => a - b);
      console.log(`${(size / 1e6).toFixed(0).padStart(4)} MB   ${took[2].toFixed(2).padStart(7)} (${took[0].toFixed(2)} ${took[4].toFixed(2)})`);
      database.close();
    });
  }
}

if (process.argv[2] === "vacuum") cost();
else seeds();
