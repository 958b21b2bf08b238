// `npm run inquiries -- drill FOLDER`: tests each week that the newest backup can be restored.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Config } from "../config.ts";
import { verifySqlite } from "../inquiries/store/backup.ts";
import { openStore } from "../inquiries/store/store.ts";
import { CommandError, explain } from "./environment.ts";
import { reportFailure } from "./report-failure.ts";

const maxAgeHours = 36; // there is a backup each night

/**
 * Restores the newest backup of a folder into a scratch folder in DATA_DIR, verifies it, opens it as the site would, and returns
 * how many inquiries it has. The scratch folder is always deleted. Throws a CommandError after it has reported a failure to the webhook.
 */
export async function restoreDrill(config: Config, folder: string, now: Date): Promise<string> {
  try {
    return await drill(config, folder, now);
  } catch (error) {
    const problem = `restore drill failed: ${explain(error)}`;
    await reportFailure(config, "restore drill failed", problem, now);
    throw new CommandError(problem);
  }
}

async function drill(config: Config, folder: string, now: Date): Promise<string> {
  if (config.databaseUrl) throw new CommandError("The store is in PostgreSQL: docs/postgresql.md says how to test a restore there.");
  const file = newestBackup(folder, now);
  const scratch = path.join(config.dataDir, "restore-drill");
  rmSync(scratch, { recursive: true, force: true }); // of a drill that was killed
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  try {
    const restored = path.join(scratch, "inquiries.db");
    writeFileSync(restored, readFileSync(file), { mode: 0o600 });
    const problems = verifySqlite(restored);
    if (problems.length > 0) throw new CommandError(`${file} is damaged: ${problems.join("; ")}. Use an older backup.`);
    const erasures = path.join(config.dataDir, "erased-references.txt");
    if (existsSync(erasures)) copyFileSync(erasures, path.join(scratch, "erased-references.txt"));
    const store = await openStore(restored, "localhost");
    const inquiries = await store.staff.list();
    await store.close();
    return `${file} can be restored. Inquiries: ${inquiries.length}, erased again: ${store.erasedAgain}.`;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function newestBackup(folder: string, now: Date): string {
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith(".db"));
  const files = names.map((name) => path.join(folder, name)).map((file) => ({ file, at: statSync(file).mtimeMs }));
  const newest = files.sort((a, b) => b.at - a.at)[0];
  if (!newest) throw new CommandError(`${folder} has no backup: see journalctl -u clean-systems-backup.`);
  const hours = Math.floor((now.getTime() - newest.at) / 3_600_000);
  if (hours > maxAgeHours)
    throw new CommandError(`The newest backup, ${newest.file}, is ${hours} hours old: see journalctl -u clean-systems-backup.`);
  return newest.file;
}
