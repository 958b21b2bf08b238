// Backups of the store: a copied SQLite file, or a dump of PostgreSQL.

import { spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import type { Config } from "../config.ts";
import { backupSqlite } from "../inquiries/store/sqlite.ts";
import { OperatorError } from "../operator-error.ts";

/** Only its owner can read the file. A failure leaves no incomplete file of this name. */
export async function backUpStore({ storeSettings }: Config, file: string): Promise<void> {
  if (existsSync(file)) throw new OperatorError(`${file} exists already and was not changed.`);
  const part = `${file}.part`; // a killed backup must not look like a complete one
  const { databaseUrl, file: store } = storeSettings;
  if (databaseUrl) dumpPostgres(databaseUrl, part);
  else await backupSqlite(store, part);
  renameSync(part, file);
}

/** The password is in the environment: everybody may read arguments. */
function dumpPostgres(databaseUrl: string, file: string): void {
  const url = new URL(databaseUrl);
  const PGPASSWORD = decodeURIComponent(url.password);
  url.password = "";
  // libpq verifies no certificate without this; `system` needs sslmode=verify-full.
  const PGSSLROOTCERT = process.env["NODE_EXTRA_CA_CERTS"] || "system";
  const isVerified = url.searchParams.get("sslmode") === "verify-full";
  process.umask(0o077);
  const env = { ...process.env, PGPASSWORD, ...(isVerified && { PGSSLROOTCERT }) };
  const args = ["--format=custom", `--file=${file}`, `--dbname=${url.href}`];
  const { status, stderr, error } = spawnSync("pg_dump", args, { env, encoding: "utf8" });
  if (status !== 0)
    throw new OperatorError(`pg_dump (postgresql-client) failed: ${error?.message ?? stderr}`);
}
