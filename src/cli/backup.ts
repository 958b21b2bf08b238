// Backups of the store: a copied SQLite file, or a dump of PostgreSQL.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { dayMs } from "../calendar.ts";
import type { Config } from "../config.ts";
import { backupSqlite } from "../inquiries/store/sqlite.ts";
import { OperatorError } from "../operator-error.ts";
import { openStore } from "../startup.ts";

/**
 * Backs up into the folder beside DATA_DIR, which keeps the backups of a week, and runs BACKUP_TO
 * there. The folder is also where `deploy` leaves the store as it was before a release.
 */
export async function backUpNightly(config: Config, now: Date): Promise<string> {
  const { dataDir, backupTo, storeSettings } = config;
  const folder = `${dataDir}-backups`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Old backups go first, so that a full disk doesn't prevent the new one.
  removeOld(folder, now);
  const name = now.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
  const file = path.join(folder, `${name}.${storeSettings.databaseUrl ? "dump" : "db"}`);
  await backUpStore(config, file);
  if (!backupTo) return file;
  // A restore on another machine needs the list of what has been erased since.
  const erased = path.join(dataDir, "erased-references.txt");
  if (existsSync(erased)) copyFileSync(erased, path.join(folder, "erased-references.txt"));
  const ended = spawnSync("sh", ["-c", backupTo], { cwd: folder, stdio: "inherit" });
  if (ended.status !== 0)
    throw new OperatorError(
      `BACKUP_TO failed (${ended.signal ?? `exit code ${ended.status}`}), so this backup is only on this machine.`,
    );
  return file;
}

/**
 * Removes the backups of more than a week, because they contain personal data. On the seventh
 * night, a backup is six days old.
 */
function removeOld(folder: string, now: Date): void {
  for (const name of globSync("*.{db,dump,part}", { cwd: folder })) {
    const file = path.join(folder, name);
    if (now.getTime() - statSync(file).mtimeMs >= 6 * dayMs) rmSync(file);
  }
}

/**
 * Backs up the store to a file that only its owner can read. A failure leaves no incomplete file of
 * this name.
 */
export async function backUpStore(config: Config, file: string): Promise<void> {
  if (existsSync(file)) throw new OperatorError(`${file} exists already and was not changed.`);
  await (await openStore(config)).close(); // this throws if the store is missing or damaged
  const part = `${file}.part`; // a killed backup must not look like a complete one
  const { databaseUrl, file: store } = config.storeSettings;
  if (databaseUrl) dumpPostgres(databaseUrl, part);
  else await backupSqlite(store, part);
  renameSync(part, file);
}

/**
 * Dumps a database. pg_dump gets the password in its environment, because anybody on the machine
 * can read arguments.
 */
function dumpPostgres(databaseUrl: string, file: string): void {
  const url = new URL(databaseUrl);
  const PGPASSWORD = decodeURIComponent(url.password);
  url.password = "";
  // Without PGSSLROOTCERT, libpq verifies no certificate. Its value `system` needs
  // sslmode=verify-full.
  const PGSSLROOTCERT = process.env["NODE_EXTRA_CA_CERTS"] || "system";
  const isVerified = url.searchParams.get("sslmode") === "verify-full";
  process.umask(0o077);
  const env = { ...process.env, PGPASSWORD, ...(isVerified && { PGSSLROOTCERT }) };
  const args = ["--format=custom", `--file=${file}`, `--dbname=${url.href}`];
  const { status, stderr, error } = spawnSync("pg_dump", args, { env, encoding: "utf8" });
  if (status === 0) return;
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const missing = code === "ENOENT" && "it is not installed; apt-get install postgresql-client";
  throw new OperatorError(`pg_dump failed: ${missing || (error?.message ?? stderr)}`);
}
