// The restore drill on a real store and its backup.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { restoreDrill } from "../src/cli/restore-drill.ts";
import { parseConfig } from "../src/config.ts";
import { backupSqlite } from "../src/inquiries/store/backup.ts";
import { openStore } from "../src/inquiries/store/store.ts";
import { memory } from "./support/memory.ts";
import { filledForm, temporaryFolder } from "./support/site.ts";
import { startWebhook } from "./support/webhook.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const now = new Date();

let dir: string;
let remove: () => Promise<void>;
let webhook: Awaited<ReturnType<typeof startWebhook>>;
let backups: string;
let backup: string;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
  webhook = await startWebhook();
  backups = path.join(dir, "backups");
  backup = path.join(backups, "last-night.db");
  mkdirSync(backups);
});
afterEach(async () => {
  webhook.close();
  await remove();
});

const drill = () =>
  restoreDrill(parseConfig({ DATA_DIR: dir, ALERT_WEBHOOK_URL: webhook.url }), backups, now);

/** Makes a backup of a store with two inquiries, and erases one of them in the store afterwards. */
async function makeBackup(): Promise<void> {
  const file = path.join(dir, "inquiries.db");
  const store = await openStore(file, "cleansystems.example");
  const submission = { slug: "", title: "", quarantineReason: "" };
  const { inquiry } = await store.inbox.accept(
    { ...answers, message: "Erase this" },
    submission,
    now,
  );
  await store.inbox.accept(answers, submission, now);
  await backupSqlite(file, backup);
  await store.staff.erase([inquiry]);
  await store.close();
}

test("a drill restores the newest backup, erases again what was erased since, and leaves no copy", async () => {
  await makeBackup();
  const before = readFileSync(backup);
  const left = readdirSync(dir);
  writeFileSync(path.join(backups, "older.db"), "");
  utimesSync(path.join(backups, "older.db"), 0, 0);
  expect(await drill()).toBe(`${backup} can be restored. Inquiries: 1, erased again: 1.`);
  expect(readFileSync(backup).equals(before)).toBe(true);
  expect(readdirSync(dir)).toEqual(left);
  expect(webhook.calls).toEqual([]);
});

test("a drill deletes the copy that a killed drill left", async () => {
  await makeBackup();
  mkdirSync(path.join(dir, "restore-drill"));
  writeFileSync(path.join(dir, "restore-drill", "inquiries.db"), "half");
  await drill();
  expect(readdirSync(dir)).not.toContain("restore-drill");
});

test("a drill does not create DATA_DIR", async () => {
  await makeBackup();
  const config = parseConfig({ DATA_DIR: path.join(dir, "misspelt") });
  await expect(restoreDrill(config, backups, now)).rejects.toThrow(
    /misspelt.* cannot be read or written by this user: .* set DATA_DIR/,
  );
  expect(readdirSync(dir)).not.toContain("misspelt");
});

const failures: [string, RegExp, () => Promise<void> | void][] = [
  ["no backup", /backups has no backup: see journalctl/, () => {}],
  [
    "no folder of backups",
    /nothing is not a readable folder: check its path\.$/,
    () => void (backups += "/nothing"),
  ],
  [
    "a file instead of the folder",
    /last-night\.db is not a readable folder/,
    () => writeFileSync((backups = backup), ""),
  ],
  [
    "only a folder and a link that are named like backups",
    /backups has no backup: see journalctl/,
    () => {
      mkdirSync(backup);
      symlinkSync("nowhere", path.join(backups, "link.db"));
    },
  ],
  [
    "a backup of the day before yesterday",
    /last-night\.db, is 48 hours old/,
    async () => {
      await makeBackup();
      utimesSync(backup, now, new Date(now.getTime() - 48 * 3_600_000));
    },
  ],
  [
    "a cut backup",
    /last-night\.db is damaged: .+\. Use an older backup\.$/,
    async () => {
      await makeBackup();
      truncateSync(backup, 20_000);
    },
  ],
  [
    "an empty file",
    /last-night\.db is damaged: .+ is not a store of inquiries/,
    () => writeFileSync(backup, ""),
  ],
];
test.each(failures)(
  "a drill with %s fails, calls the webhook and leaves no copy",
  async (_what, sentence, prepare) => {
    await prepare();
    await expect(drill()).rejects.toThrow(sentence);
    expect(webhook.calls).toMatchObject([
      { incident: "restore drill failed", problems: [expect.stringMatching(sentence)] },
    ]);
    expect(readdirSync(dir)).not.toContain("restore-drill");
  },
);
