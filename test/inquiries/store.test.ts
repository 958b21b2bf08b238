// The store in a SQLite file: the promises of any store, and those that concern the file.

import { hash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { jest } from "@jest/globals";
import { createReference } from "../../src/inquiries/inquiry.ts";
import { sql } from "../../src/inquiries/store/database.ts";
import { StoreError, type Store } from "../../src/inquiries/store/interface.ts";
import { postgresDialect } from "../../src/inquiries/store/postgres.ts";
import { steps, updateSchema } from "../../src/inquiries/store/schema.ts";
import { backupSqlite, openSqlite, sqliteDialect } from "../../src/inquiries/store/sqlite.ts";
import { createStore, openDatabase } from "../../src/inquiries/store/store.ts";
import { temporaryFolder, tuesday } from "../support/site.ts";
import { answers, filesWith, openStore, plain } from "../support/store.ts";
import { keepsPromises } from "./store-promises.ts";

describe("any store", () =>
  keepsPromises(async () => {
    const folder = await temporaryFolder();
    return () => openStore(folder.dir);
  }));

let dir: string;
let file: string;
let store: Store;

beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  file = path.join(dir, "inquiries.db");
  store = await openStore(dir);
});

const accept = (changes = {}, now = tuesday) =>
  store.accept({ ...answers, ...changes }, plain, now);

test("no step of the schema that was deployed was changed", () => {
  const hashes = steps.map((step) =>
    [sqliteDialect, postgresDialect].map((dialect) => {
      const text = step(dialect).map(({ sql: statement }) => statement);
      return hash("sha256", text.join(";")).slice(0, 16);
    }),
  );
  // Add the hash of a next step: a step that is changed does not reach the stores that have run it.
  expect(hashes).toEqual([["52d8bda35d8233d6", "3f8f2512261d6f89"]]);
});

test("the version before works on a store after the next step", async () => {
  const { inquiry } = await accept();
  const database = openSqlite(file);
  const next = () => [sql`alter table inquiries add column newer text not null default 'new'`];
  await updateSchema(database, [...steps, next]);
  expect(await database.query(sql`select newer from inquiries`)).toMatchObject([{ newer: "new" }]);
  await database.close();
  await store.close();
  store = await openStore(dir);
  const later = await accept({ message: "after the next version was rolled back" });
  const claim = await store.claimDue("any", tuesday, 120_000);
  expect(claim?.reference).toBe(inquiry.reference);
  expect(claim && (await store.settle(claim, { sentAt: tuesday }))).toBe(true);
  await store.erase([later.inquiry], tuesday);
  expect(await store.list()).toMatchObject([
    { reference: inquiry.reference, delivery: { state: "sent" } },
  ]);
});

test("tables of a version that was never deployed are refused", async () => {
  await expect(reopenAfter("UPDATE events SET name = 'schema'")).rejects.toThrow(
    /was never deployed: move it away, and start with an empty store/,
  );
});

test("a transaction that fails changes nothing, and nothing runs in it", async () => {
  const database = openSqlite(path.join(dir, "other.db"));
  await database.query(sql`create table numbers (value integer)`);
  const begun = Promise.withResolvers<void>();
  const failing = database.transaction(async (query) => {
    await query(sql`insert into numbers values (1)`);
    begun.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("it fails");
  });
  await begun.promise;
  const others = [database.query(sql`insert into numbers values (2)`), database.scrub()];
  await expect(failing).rejects.toThrow("it fails");
  expect(await Promise.all(others)).toEqual([[], true]);
  expect(await database.query(sql`select value from numbers`)).toMatchObject([{ value: 2 }]);
  await database.close();
});

test("SQLite syncs each commit, and overwrites what it deletes", async () => {
  await store.close();
  const exec = jest.spyOn(DatabaseSync.prototype, "exec");
  store = await openStore(dir);
  // Both settings are those of one connection, and no other can read them.
  const own = exec.mock.contexts[0] as DatabaseSync;
  exec.mockRestore();
  const settings = ["journal_mode", "synchronous", "secure_delete"].map(
    (name) => own.prepare(`PRAGMA ${name}`).get()?.[name],
  );
  expect(settings).toEqual(["wal", 2, 1]);
});

test("an erasure survives a cut line in the list of erasures", async () => {
  const { inquiry } = await accept();
  const list = path.join(dir, "erased-references.txt");
  writeFileSync(list, "CS-7F");
  await store.erase([inquiry], tuesday);
  expect(await store.list()).toEqual([]);
  expect(readFileSync(list, "utf8").split("\n")).toContain(inquiry.reference);
});

test("what a deletion leaves in the files is owed until a vacuum succeeds", async () => {
  const { inquiry } = await accept();
  await store.close();
  let vacuums = 0;
  let isDiskFull = true;
  const reopen = async () => {
    store = createStore({ file, messageIdDomain: "cleansystems.example" }, undefined, (settings) =>
      openDatabase(settings).then((database) => ({
        ...database,
        scrub: () => {
          vacuums += 1;
          return isDiskFull ? Promise.reject(new StoreError("full")) : database.scrub();
        },
      })),
    );
    await store.open();
  };
  await reopen();
  expect(await store.clean()).toBe(true);
  expect(vacuums).toBe(0);
  const claim = await store.claimDue("any", tuesday, 120_000);
  expect(claim && (await store.settle(claim, { sentAt: tuesday }))).toBe(true);
  await store.purge(tuesday);
  expect(await store.purge(new Date(tuesday.getTime() + 1))).toEqual([inquiry.reference]);
  await expect(store.clean()).rejects.toThrow("full");
  await store.close();
  await reopen();
  isDiskFull = false;
  expect(await store.clean()).toBe(true);
  expect(vacuums).toBe(2);
  expect(await store.clean()).toBe(true);
  expect(vacuums).toBe(2);
  await store.close();
});

test("what is erased while a vacuum runs leaves nothing in the files either", async () => {
  const first = (await accept({ message: "first" })).inquiry;
  const second = (await accept({ message: "zq7qz" })).inquiry;
  await store.close();
  let vacuums = 0;
  store = createStore({ file, messageIdDomain: "cleansystems.example" }, undefined, (settings) =>
    openDatabase(settings).then((database) => ({
      ...database,
      scrub: async () => {
        const isClean = await database.scrub();
        vacuums += 1;
        if (vacuums === 1) await store.erase([second], tuesday);
        return isClean;
      },
    })),
  );
  await store.open();
  await store.erase([first], tuesday);
  await store.clean();
  await store.clean();
  expect(vacuums).toBe(2);
  await store.close();
  expect(filesWith(dir, "zq7qz")).toEqual([]);
});

test("inquiries of a restored backup that had been erased leave nothing in the files", async () => {
  const { inquiry } = await accept({ message: "zq7qz" });
  await backupSqlite(file, path.join(dir, "copy.db"));
  await store.erase([inquiry], tuesday);
  await store.close();
  renameSync(path.join(dir, "copy.db"), file);
  store = await openStore(dir);
  expect(await store.list()).toEqual([]);
  expect(filesWith(dir, "zq7qz")).toEqual([]);
});

test("a list of 40,000 erasures keeps no store closed", async () => {
  const { inquiry } = await accept();
  await store.close();
  const references = Array.from({ length: 40_000 }, () => createReference());
  references[39_000] = inquiry.reference;
  writeFileSync(path.join(dir, "erased-references.txt"), `\n${references.join("\n\n")}\n`);
  store = await openStore(dir);
  expect(await store.list()).toEqual([]);
});

test("only the owner can read the files and a backup", async () => {
  await accept();
  await backupSqlite(file, path.join(dir, "copy.db"));
  expect(readdirSync(dir).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  const modes = readdirSync(dir).map((name) => statSync(path.join(dir, name)).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  await store.close();
  chmodSync(file, 0o644); // as a copy of a backup may be
  store = await openStore(dir);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a lock that another process holds only delays an inquiry", async () => {
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const accepted = accept();
  await new Promise((resolve) => setImmediate(resolve));
  other.exec("COMMIT");
  other.close();
  expect((await accepted).isRepeated).toBe(false);
});

test("nothing is stored in a file that was moved away", async () => {
  renameSync(file, path.join(dir, "moved.db"));
  await expect(accept()).rejects.toThrow(
    /inquiries\.db was moved or replaced while the site was running: if it is gone, restore a backup, then start/,
  );
});

test("no empty store replaces one that is missing beside its backups", async () => {
  mkdirSync(`${dir}-backups`);
  writeFileSync(`${dir}-backups/2026-11-24.db`, "");
  await store.close();
  rmSync(file);
  await expect(openStore(dir)).rejects.toThrow(
    /inquiries\.db is missing, and there are backups of it: mount its disk or restore a backup/,
  );
  rmSync(`${dir}-backups`, { recursive: true });
});

test("two processes that start at once on an empty folder create one store", async () => {
  const fresh = path.join(dir, "fresh");
  const stores = await Promise.all([openStore(fresh), openStore(fresh)]);
  await stores[0].accept(answers, plain, tuesday);
  expect(await stores[1].list()).toMatchObject([{ answers }]);
});

/** Changes the file as another version of the site does, and opens it again. */
async function reopenAfter(...statements: string[]): Promise<void> {
  await store.close();
  const other = new DatabaseSync(file);
  for (const statement of statements) other.exec(statement);
  other.close();
  store = await openStore(dir);
}
test("a store that is two steps ahead is refused", async () => {
  const ahead = `UPDATE events SET at = ${steps.length + 2} WHERE name = 'schema version'`;
  await expect(reopenAfter(ahead)).rejects.toThrow(/newer version/);
  const openFiles = () => readdirSync("/dev/fd").length;
  const count = openFiles();
  for (let attempt = 0; attempt < 3; attempt += 1)
    await expect(openStore(dir)).rejects.toThrow(/newer version/);
  expect(openFiles()).toBe(count); // each pass of a running site tries it again
});

test("a progress that this version does not have is open", async () => {
  const { inquiry } = await accept();
  await reopenAfter("UPDATE inquiries SET progress = 'asked'");
  expect(await store.find(inquiry)).toMatchObject({ handling: { progress: "open" } });
  expect((await store.summary(new Date(2e12))).overdue.total).toBe(1);
});
