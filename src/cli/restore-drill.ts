// `npm run inquiries -- drill FOLDER`, which a timer runs each week: tests whether the newest backup can be restored.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import type { Config } from "../config.ts";
import { verifySqlite } from "../inquiries/store/backup.ts";
import { erasuresFile } from "../inquiries/store/erasures.ts";
import { openStore } from "../inquiries/store/store.ts";
import { OperatorError } from "../operator-error.ts";
import { storeFile } from "../store-and-mail.ts";
import { explain } from "./environment.ts";
import { reportFailure } from "./report-failure.ts";

const maxAgeHours = 36; // there is a backup each night

/**
 * Restores the newest backup of a folder into a scratch folder in DATA_DIR, verifies it, opens it as the site would, and returns
 * a sentence with the number of inquiries. Always deletes the scratch folder. Reports a failure to the webhook and throws an OperatorError.
 */
export async function restoreDrill(config: Config, folder: string, now: Date): Promise<string> {
  try {
    return await drill(config, folder, now);
  } catch (error) {
    const problem = `restore drill failed: ${explain(error)}`;
    await reportFailure(config, "restore drill failed", problem);
    throw new OperatorError(problem);
  }
}

async function drill(config: Config, folder: string, now: Date): Promise<string> {
  if (config.databaseUrl)
    throw new OperatorError(
      "The store is in PostgreSQL: docs/postgresql.md says how to test a restore there.",
    );
  const file = newestBackup(folder, now);
  const scratch = path.join(config.dataDir, "restore-drill");
  rmSync(scratch, { recursive: true, force: true }); // of a drill that was killed
  mkdirSync(scratch, { mode: 0o700 });
  try {
    const restored = path.join(scratch, "inquiries.db");
    copyFileSync(file, restored);
    chmodSync(restored, 0o600); // a copy has the mode of its original
    const problems = verifySqlite(restored);
    if (problems.length > 0)
      throw new OperatorError(`${file} is damaged: ${problems.join("; ")}. Use an older backup.`);
    const erasures = erasuresFile(storeFile(config));
    if (existsSync(erasures)) copyFileSync(erasures, erasuresFile(restored));
    const store = await openStore(restored, "localhost");
    const inquiries = await store.staff.list();
    await store.close();
    return `${file} can be restored. Inquiries: ${inquiries.length}, erased again: ${store.erasedAgain}.`;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function newestBackup(folder: string, now: Date): string {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".db"),
  );
  const files = entries
    .map(({ name }) => path.join(folder, name))
    .map((file) => ({ file, at: statSync(file).mtimeMs }));
  const newest = files.sort((a, b) => b.at - a.at)[0];
  if (!newest)
    throw new OperatorError(`${folder} has no backup: see journalctl -u clean-systems-backup.`);
  const hours = Math.floor((now.getTime() - newest.at) / 3_600_000);
  if (hours > maxAgeHours)
    throw new OperatorError(
      `The newest backup, ${newest.file}, is ${hours} hours old: see journalctl -u clean-systems-backup.`,
    );
  return newest.file;
}
