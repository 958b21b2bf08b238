// The store in a file: what any store promises, and what only a file can show. Nothing is left in it after deletion.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createReference } from "../../src/inquiries/reference.ts";
import { openStore, type Store } from "../../src/inquiries/store.ts";
import { filledForm, temporaryFolder, tuesday } from "../support/site.ts";
import { keepsPromises } from "./store-promises.ts";

const { leave_empty: _trap, ...inquiry } = filledForm;
const source = { slug: "", title: "", suspicion: "" };
const after = (ms: number) => new Date(tuesday.getTime() + ms);

describe("any store", () =>
  keepsPromises(async () => {
    const { dir, remove } = await temporaryFolder();
    return { open: () => openStore(path.join(dir, "inquiries.db"), "cleansystems.example"), remove };
  }));

describe("a file", () => {
  let dir: string;
  let file: string;
  let remove: () => Promise<void>;
  let store: Store;

  beforeEach(async () => {
    ({ dir, remove } = await temporaryFolder());
    file = path.join(dir, "inquiries.db");
    store = await openStore(file, "cleansystems.example");
  });
  afterEach(async () => {
    await store.close();
    await remove();
  });

  const accept = (changes: Partial<typeof inquiry> = {}, now = tuesday) => store.accept({ ...inquiry, ...changes }, source, now);

  test("deletion leaves nothing of the text in any file", async () => {
    const { stored } = await accept({ message: "a very particular sentence" });
    const inFiles = () => readdirSync(dir).some((name) => readFileSync(path.join(dir, name)).includes("very particular"));
    const claim = await store.claimDue("any", tuesday, 120_000);
    if (claim) await store.settleHandedOver(claim, tuesday);
    expect(inFiles()).toBe(true);
    expect(await store.purge(tuesday, tuesday)).toEqual([]); // strictly before
    expect(await store.purge(after(1), tuesday)).toEqual([stored.reference]);
    expect(inFiles()).toBe(false);
  });

  test("opening it again beside the running site leaves the log to the site, however much was erased", async () => {
    await store.erase([(await accept()).stored]);
    await accept({ message: "something else" });
    const before = statSync(`${file}-wal`).size;
    await (await openStore(file, "cleansystems.example")).close();
    expect(statSync(`${file}-wal`).size).toBeGreaterThanOrEqual(before);
  });

  test("however many were erased, what an older backup brings back goes", async () => {
    const { stored } = await accept();
    await accept({ message: "stays" });
    const others = Array.from({ length: 40_000 }, () => createReference());
    writeFileSync(path.join(dir, "erased-references.txt"), [...others, stored.reference, ""].join("\n"));
    expect(await store.repeatErasures()).toBe(1);
    expect((await store.list()).map(({ message }) => message)).toEqual(["stays"]);
  });

  test("nobody but the owner can read the files", async () => {
    await accept();
    const modes = readdirSync(dir).map((name) => statSync(path.join(dir, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  test("a lock held by another process for a moment delays and does not fail", async () => {
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const accepted = accept();
    await new Promise((resolve) => setImmediate(resolve));
    other.exec("COMMIT");
    other.close();
    expect((await accepted).repeated).toBe(false);
  });

  test("two that start at the same moment on an empty folder make one store", async () => {
    const fresh = path.join(dir, "fresh.db");
    const stores = await Promise.all([openStore(fresh, "x.example"), openStore(fresh, "x.example")]);
    await stores[0].accept(inquiry, source, tuesday);
    expect(await stores[1].list()).toMatchObject([inquiry]);
    for (const opened of stores) await opened.close();
  });

  test("a store that a newer version has changed is refused with a sentence", async () => {
    await store.close();
    const other = new DatabaseSync(file);
    other.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-from-the-future', '2030-01-01')");
    other.close();
    await expect(openStore(file, "x.example")).rejects.toThrow(/newer version/);
    store = await openStore(path.join(dir, "other.db"), "x.example");
  });
});
