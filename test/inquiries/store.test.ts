// The store in a SQLite file: the promises of any store, and those that concern the file.

import { hash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { jest } from "@jest/globals";
import {
  backupSqlite,
  openSqlite,
  sql,
  sqliteDialect,
} from "../../src/inquiries/store/database.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { postgresDialect } from "../../src/inquiries/store/postgres.ts";
import { steps } from "../../src/inquiries/store/schema.ts";
import { memory } from "../support/memory.ts";
import { temporaryFolder, tuesday } from "../support/site.ts";
import { answers, openStore, plain } from "../support/store.ts";
import { opensEarlierStores } from "./earlier-stores.ts";
import { plansOf } from "./query-plans.ts";
import { keepsPromises } from "./store-promises.ts";

describe("any store", () =>
  keepsPromises(async () => {
    const { dir, remove } = await temporaryFolder(memory);
    return { open: () => openStore(dir), remove };
  }));

let dir: string;
let file: string;
let remove: () => Promise<void>;
let store: Store;

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
  file = path.join(dir, "inquiries.db");
  store = await openStore(dir);
});
afterEach(async () => {
  await store.close();
  await remove();
});

const accept = (changes = {}, now = tuesday) =>
  store.accept({ ...answers, ...changes }, plain, now);

describe("earlier stores", () =>
  opensEarlierStores(() =>
    Promise.resolve({ file: path.join(dir, "earlier.db"), messageIdDomain: "a.example" }),
  ));

test("no released step of the schema was changed", () => {
  const hashes = steps.map((step) =>
    [sqliteDialect, postgresDialect].map((dialect) =>
      hash(
        "sha256",
        step(dialect)
          .map(({ sql: text }) => text)
          .join(";"),
      ).slice(0, 16),
    ),
  );
  const released = [
    ["5d9efdaf42c1ca62", "9bd980fd0f173a03"],
    ["1d9e7ba8b20853a9", "1d9e7ba8b20853a9"],
  ];
  if (JSON.stringify(hashes.slice(0, released.length)) !== JSON.stringify(released))
    throw new Error(
      "released: add the next step. A changed one does not reach the stores that have run it.\n" +
        JSON.stringify(hashes),
    );
});

test("no form, receipt, pass or purge reads the whole table, and a claim sorts nothing", async () => {
  const plans = await plansOf(
    { file: path.join(dir, "plans.db"), messageIdDomain: "cleansystems.example" },
    sql`explain query plan`,
  );
  expect(plans.length).toBeGreaterThan(15);
  const wholeTable = /(SCAN|SEARCH) inquiries(?! USING)/;
  expect(plans.filter(({ plan }) => wholeTable.test(plan))).toEqual([]);
  const claim = plans.find(({ text }) => text.includes("set lease_owner"));
  expect(claim?.plan).toMatch(/USING COVERING INDEX inquiries_pending \(state=\?\)$/m);
  expect(claim?.plan).not.toContain("TEMP B-TREE");
});

test("nothing runs inside another caller's transaction, and a transaction that fails changes nothing", async () => {
  const database = openSqlite(path.join(dir, "other.db"));
  await database.write(sql`create table numbers (value integer)`);
  const begun = Promise.withResolvers<void>();
  const failing = database.transaction(async ({ write }) => {
    await write(sql`insert into numbers values (1)`);
    begun.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("it fails");
  });
  await begun.promise;
  const others = [database.write(sql`insert into numbers values (2)`), database.scrub()];
  await expect(failing).rejects.toThrow("it fails");
  expect(await Promise.all(others)).toEqual([[], true]);
  expect(await database.read(sql`select value from numbers`)).toMatchObject([{ value: 2 }]);
  await database.close();
});

test("SQLite has the settings under which a commit is on the disk before it returns and deleted text is overwritten", async () => {
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

test("an inquiry is erased also after a full disk has cut an earlier line of the list of erased references", async () => {
  const { inquiry } = await accept();
  writeFileSync(path.join(dir, "erased-references.txt"), "CS-7F");
  await store.erase([inquiry], tuesday);
  expect(await store.list()).toEqual([]);
  const list = readFileSync(path.join(dir, "erased-references.txt"), "utf8");
  expect(list.split("\n")).toContain(inquiry.reference);
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

test("a lock that another process holds briefly delays an inquiry and does not refuse it", async () => {
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const accepted = accept();
  await new Promise((resolve) => setImmediate(resolve));
  other.exec("COMMIT");
  other.close();
  expect((await accepted).isRepeated).toBe(false);
});

test("a file that was moved away while the store was open is reported, and nothing more is stored in it", async () => {
  renameSync(file, path.join(dir, "moved.db"));
  await expect(accept()).rejects.toThrow(
    /inquiries\.db was moved or replaced while the site was running: if it is gone, restore a backup, then start/,
  );
});

test("two processes that start at once on an empty folder create one store", async () => {
  const fresh = path.join(dir, "fresh");
  const stores = await Promise.all([openStore(fresh), openStore(fresh)]);
  await stores[0].accept(answers, plain, tuesday);
  expect(await stores[1].list()).toMatchObject([{ answers }]);
  for (const opened of stores) await opened.close();
});

/** Updates the schema as later releases do. */
function updateTo(version: number): void {
  const newer = new DatabaseSync(file);
  newer.exec("ALTER TABLE inquiries ADD COLUMN newer TEXT NOT NULL DEFAULT 'new'");
  newer.exec(`UPDATE events SET at = ${version} WHERE name = 'schema'`);
  newer.close();
}

test("a store that is one step ahead opens and works", async () => {
  const { inquiry } = await accept();
  await store.close();
  updateTo(steps.length + 1);
  store = await openStore(dir);
  const later = await accept({ message: "after the next release was rolled back" });
  const claim = await store.claimDue("any", tuesday, 120_000);
  expect(claim?.reference).toBe(inquiry.reference);
  expect(claim && (await store.settle(claim, { sentAt: tuesday }))).toBe(true);
  await store.erase([later.inquiry], tuesday);
  expect(await store.list()).toMatchObject([{ reference: inquiry.reference, state: "sent" }]);
});

test("an inquiry that an earlier release stored under googlemail.com is found under gmail.com, and what follows a plus is a part of it", async () => {
  const { reference } = (await accept({ email: "Mette+b@googlemail.com" })).inquiry;
  await store.close();
  const older = new DatabaseSync(file);
  older.exec("UPDATE inquiries SET email_key = 'mette+b@googlemail.com', mailbox = ''");
  older.close();
  store = await openStore(dir);
  for (const email of ["mette+b@gmail.com", "Mette+b@googlemail.com"])
    expect(await store.list({ email })).toMatchObject([{ reference }]);
  expect(await store.list({ email: "mette@gmail.com" })).toEqual([]);
  const { inquiry } = await accept({ email: "mette@gmail.com" });
  expect(await store.earlier(inquiry)).toMatchObject([{ reference }]);
});

test("an inquiry with a progress that this release does not have is open", async () => {
  const { inquiry } = await accept();
  await store.close();
  const newer = new DatabaseSync(file);
  newer.exec("UPDATE inquiries SET progress = 'asked'");
  newer.close();
  store = await openStore(dir);
  expect(await store.find(inquiry)).toMatchObject({ progress: "open" });
  expect(await store.list({ overdueAt: new Date(2e12) })).toHaveLength(1);
});

test("a store that is two steps ahead is refused, and the message says what to do", async () => {
  await store.close();
  updateTo(steps.length + 2);
  const openFiles = () => readdirSync("/proc/self/fd").length;
  await expect(openStore(dir)).rejects.toThrow(/newer version/);
  const count = openFiles();
  for (let attempt = 0; attempt < 3; attempt += 1)
    await expect(openStore(dir)).rejects.toThrow(/newer version/);
  expect(openFiles()).toBe(count); // each query of a running site tries it again
});
