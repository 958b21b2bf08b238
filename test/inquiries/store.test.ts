// The store in a SQLite file: the promises of any store, and those that concern the file.

import {
  chmodSync,
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
import { createReference } from "../../src/inquiries/reference.ts";
import { backupSqlite } from "../../src/inquiries/store/backup.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { memory } from "../support/memory.ts";
import { before, filledForm, temporaryFolder, tuesday } from "../support/site.ts";
import { keepsFollowUpPromises } from "./follow-up-promises.ts";
import { keepsPromises } from "./store-promises.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const source = { slug: "", title: "", quarantineReason: "" };
const after = (ms: number) => new Date(tuesday.getTime() + ms);

describe.each([keepsPromises, keepsFollowUpPromises])("any store", (keeps) =>
  keeps(async () => {
    const { dir, remove } = await temporaryFolder(memory);
    return {
      open: () => openStore(path.join(dir, "inquiries.db"), "cleansystems.example"),
      remove,
    };
  }),
);

describe("a store in a file", () => {
  let dir: string;
  let file: string;
  let remove: () => Promise<void>;
  let store: Store;

  beforeEach(async () => {
    ({ dir, remove } = await temporaryFolder(memory));
    file = path.join(dir, "inquiries.db");
    store = await openStore(file, "cleansystems.example");
  });
  afterEach(async () => {
    await store.close();
    await remove();
  });

  const accept = (changes: Partial<typeof answers> = {}, now = tuesday) =>
    store.inbox.accept({ ...answers, ...changes }, source, now);

  test("a purge leaves none of the text in any file", async () => {
    const { inquiry } = await accept({ message: "a very particular sentence" });
    const inFiles = () =>
      readdirSync(dir).some((name) =>
        readFileSync(path.join(dir, name)).includes("very particular"),
      );
    const claim = await store.queue.claimDue("any", tuesday, 120_000);
    if (claim) await store.queue.settleSent(claim, tuesday);
    await store.followUp.mark(inquiry.reference, "answered", tuesday);
    expect(inFiles()).toBe(true);
    expect(await store.staff.purge(before(tuesday))).toEqual([]); // strictly before
    expect(await store.staff.purge(before(after(1)))).toEqual([inquiry.reference]);
    expect(inFiles()).toBe(false);
  });

  test("SQLite has the settings under which a commit is on the disk before it returns and deleted text is overwritten", async () => {
    await store.close();
    const exec = jest.spyOn(DatabaseSync.prototype, "exec");
    store = await openStore(file, "cleansystems.example");
    const own = exec.mock.contexts[0] as DatabaseSync; // both settings are those of one connection, and no other can read them
    exec.mockRestore();
    const settings = ["journal_mode", "synchronous", "secure_delete"].map(
      (name) => own.prepare(`PRAGMA ${name}`).get()?.[name],
    );
    expect(settings).toEqual(["wal", 2, 1]);
  });

  test("a second process that opens the store does not truncate the write-ahead log of the first", async () => {
    await store.staff.erase([(await accept()).inquiry]);
    await accept({ message: "something else" });
    const before = statSync(`${file}-wal`).size;
    await (await openStore(file, "cleansystems.example")).close();
    expect(statSync(`${file}-wal`).size).toBeGreaterThanOrEqual(before);
  });

  test("erased inquiries that a backup brings back are erased again, also with 40,000 erased references", async () => {
    const { inquiry } = await accept();
    await accept({ message: "stays" });
    const others = Array.from({ length: 40_000 }, () => createReference());
    writeFileSync(
      path.join(dir, "erased-references.txt"),
      [...others, inquiry.reference, ""].join("\n"),
    );
    await store.close();
    const opened = await openStore(file, "cleansystems.example");
    store = opened;
    expect(opened.erasedAgain).toBe(1);
    expect((await store.staff.list()).map(({ answers }) => answers["message"])).toEqual(["stays"]);
  });

  test("a list of erased references that was lost is written again from the store", async () => {
    const { inquiry } = await accept();
    await store.staff.erase([inquiry]);
    await store.close();
    rmSync(path.join(dir, "erased-references.txt"));
    store = await openStore(file, "cleansystems.example");
    expect(readFileSync(path.join(dir, "erased-references.txt"), "utf8")).toContain(
      inquiry.reference,
    );
  });

  test("an inquiry is erased also after a full disk has cut an earlier line of the list of erased references", async () => {
    const { inquiry } = await accept({});
    writeFileSync(path.join(dir, "erased-references.txt"), "CS-7F");
    await store.staff.erase([inquiry]);
    expect(await store.staff.list()).toEqual([]);
  });

  test("only the owner can read the files and a backup", async () => {
    await accept();
    await backupSqlite(file, path.join(dir, "copy.db"));
    const modes = readdirSync(dir).map((name) => statSync(path.join(dir, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    await store.close();
    chmodSync(file, 0o644); // as a copy of a backup may be
    store = await openStore(file, "cleansystems.example");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("a backup that fails leaves no copy", async () => {
    const [damaged, copy] = [path.join(dir, "damaged.db"), path.join(dir, "copy.db")];
    writeFileSync(damaged, "no database".repeat(100));
    await expect(backupSqlite(damaged, copy)).rejects.toThrow("is damaged or not a store");
    expect(readdirSync(dir)).not.toContain("copy.db");
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
    await store.open();
    renameSync(file, path.join(dir, "moved.db"));
    await expect(accept()).rejects.toThrow(
      /inquiries\.db was moved or replaced while the site was running: start the site again/,
    );
  });

  test("two processes that start at once on an empty folder create one store", async () => {
    const fresh = path.join(dir, "fresh.db");
    const stores = await Promise.all([
      openStore(fresh, "x.example"),
      openStore(fresh, "x.example"),
    ]);
    await stores[0].inbox.accept(answers, source, tuesday);
    expect(await stores[1].staff.list()).toMatchObject([{ answers }]);
    for (const opened of stores) await opened.close();
  });

  /** Migrates the store as a later release does. */
  function migrateAhead(...names: string[]): void {
    const newer = new DatabaseSync(file);
    for (const name of names) {
      newer.exec(`ALTER TABLE inquiries ADD COLUMN "${name}" TEXT NOT NULL DEFAULT 'new'`);
      newer.exec(`INSERT INTO kysely_migration (name, timestamp) VALUES ('${name}', '2030-01-01')`);
    }
    newer.close();
  }

  test("a store that is one additive migration ahead opens and works", async () => {
    const { inquiry } = await accept();
    await store.close();
    migrateAhead("9998-next-release");
    store = await openStore(file, "cleansystems.example");
    const later = await accept({ message: "after the next release was rolled back" });
    const claim = await store.queue.claimDue("any", tuesday, 120_000);
    expect(claim?.reference).toBe(inquiry.reference);
    expect(claim && (await store.queue.settleSent(claim, tuesday))).toBe(true);
    await store.staff.erase([later.inquiry]);
    expect(
      (await store.staff.list()).map(({ reference, state }) => ({ reference, state })),
    ).toEqual([{ reference: inquiry.reference, state: "sent" }]);
  });

  test("a store that is two migrations ahead is refused, and the message says what to do", async () => {
    await store.close();
    migrateAhead("9998-next-release", "9999-the-one-after");
    const openFiles = () => readdirSync("/proc/self/fd").length;
    await expect(openStore(file, "x.example")).rejects.toThrow(/newer version/);
    const before = openFiles();
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(openStore(file, "x.example")).rejects.toThrow(/newer version/);
    expect(openFiles()).toBe(before); // each query of a running site tries it again
    store = await openStore(path.join(dir, "other.db"), "x.example");
  });
});
