// The promises for a store of the previous release, on SQLite.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/inquiries/store/store.ts";
import { memory } from "../support/memory.ts";
import { oldStoreStatements } from "../support/old-store.ts";
import { before, temporaryFolder, tuesday } from "../support/site.ts";
import { keepsOldPromises, oldContentKeys } from "./old-store-promises.ts";

async function makeOldStore() {
  const { dir, remove } = await temporaryFolder(memory);
  const file = path.join(dir, "inquiries.db");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON");
  const key = "integer primary key autoincrement";
  for (const statement of oldStoreStatements(key, tuesday.getTime(), oldContentKeys))
    database.exec(statement);
  database.close();
  const holds = (text: string) =>
    Promise.resolve(
      existsSync(dir) &&
        readdirSync(dir).some((name) => readFileSync(path.join(dir, name)).includes(text)),
    );
  return { file, open: () => openStore(file, "cleansystems.example"), holds, remove };
}

keepsOldPromises(makeOldStore);

test("a store opens while another process reads it, and the next purge removes the old text from its files", async () => {
  const { file, open, holds, remove } = await makeOldStore();
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec("BEGIN; SELECT * FROM inquiries");
  const store = await open();
  expect(await store.followUp.mark("CS-0000-0004", "answered", tuesday)).toBe("changed");
  expect((await store.inbox.find("CS-0000-0004"))?.state).toBe("sent");
  reader.close();
  expect(await store.staff.purge(before(new Date(tuesday.getTime() + 1)))).toContain(
    "CS-0000-0004",
  );
  await store.close();
  expect(await holds("very particular")).toBe(false);
  await remove();
});

test("the previous release can write to a store that this one has migrated, and its inquiries are sent with a token and never overdue", async () => {
  const { file, open, remove } = await makeOldStore();
  await (await open()).close();
  const database = new DatabaseSync(file);
  const times = { received_at: 0, waiting_since: 0, due_at: 0 };
  for (const reference of ["CS-1111-0001", "CS-1111-0002"]) {
    const texts = {
      reference,
      message_id: "<m@x>",
      answers: "{}",
      email_key: "",
      source_slug: "",
      source_title: "",
      quarantine_reason: "",
    };
    const row = { ...texts, ...times, state: "pending", attempts: 0 };
    const names = Object.keys(row);
    database
      .prepare(
        `insert into inquiries (${names.join(", ")}) values (${names.map((name) => `:${name}`).join(", ")})`,
      )
      .run(row);
  }
  database.close();
  const store = await open();
  const claims = [
    await store.queue.claimDue("a", tuesday, 1_000),
    await store.queue.claimDue("a", tuesday, 1_000),
  ];
  expect(claims.map((claim) => claim?.reference)).toEqual(["CS-1111-0001", "CS-1111-0002"]);
  for (const claim of claims) expect(claim?.staff_token).toMatch(/^[\da-f]{32}$/);
  expect(await store.followUp.overdue(tuesday)).toEqual([]);
  await store.close();
  await remove();
});

test("an inquiry that the previous release recorded as bounced after the migration is sent again", async () => {
  const { file, open, remove } = await makeOldStore();
  await (await open()).close();
  const database = new DatabaseSync(file);
  database.exec("update inquiries set state = 'bounced' where reference = 'CS-0000-0002'");
  database.close();
  const store = await open();
  expect(await store.inbox.find("CS-0000-0002")).toMatchObject({
    state: "pending",
    due_at: tuesday.getTime(),
  });
  await store.close();
  await remove();
});
