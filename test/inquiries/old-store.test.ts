// The promises for a store of the previous release, on SQLite.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/inquiries/store/store.ts";
import { oldStoreStatements } from "../support/old-store.ts";
import { temporaryFolder, tuesday } from "../support/site.ts";
import { keepsOldPromises, oldContentKeys } from "./old-store-promises.ts";

async function makeOldStore() {
  const { dir, remove } = await temporaryFolder();
  const file = path.join(dir, "inquiries.db");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON");
  const key = "integer primary key autoincrement";
  for (const statement of oldStoreStatements(key, tuesday.getTime(), oldContentKeys)) database.exec(statement);
  database.close();
  const holds = (text: string) =>
    Promise.resolve(existsSync(dir) && readdirSync(dir).some((name) => readFileSync(path.join(dir, name)).includes(text)));
  return { file, open: () => openStore(file, "cleansystems.example"), holds, remove };
}

keepsOldPromises(makeOldStore);

test("a store opens while another process reads it, and the next purge removes the old text from its files", async () => {
  const { file, open, holds, remove } = await makeOldStore();
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec("BEGIN; SELECT * FROM inquiries");
  const store = await open();
  expect((await store.inbox.find("CS-0000-0004"))?.state).toBe("sent");
  reader.close();
  expect(await store.staff.purge(new Date(tuesday.getTime() + 1), new Date(0))).toContain("CS-0000-0004");
  await store.close();
  expect(await holds("very particular")).toBe(false);
  await remove();
}, 15_000);
