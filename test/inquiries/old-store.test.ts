// The promises for a store of the previous release, on SQLite.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/inquiries/store/store.ts";
import { oldStoreStatements } from "../support/old-store.ts";
import { temporaryFolder, tuesday } from "../support/site.ts";
import { keepsOldPromises, oldContentKeys } from "./old-store-promises.ts";

keepsOldPromises(async () => {
  const { dir, remove } = await temporaryFolder();
  const file = path.join(dir, "inquiries.db");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON");
  const key = "integer primary key autoincrement";
  for (const statement of oldStoreStatements(key, tuesday.getTime(), oldContentKeys)) database.exec(statement);
  database.close();
  const holds = (text: string) =>
    Promise.resolve(existsSync(dir) && readdirSync(dir).some((name) => readFileSync(path.join(dir, name)).includes(text)));
  return { open: () => openStore(file, "cleansystems.example"), holds, remove };
});
