// What src/main.ts and the commands share: reading the configuration, opening the store, and
// explaining errors in a sentence.

import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { parseEnv } from "node:util";
import { parseConfig, settingNames, type Config } from "./config.ts";
import type { Store } from "./inquiries/store/interface.ts";
import { countSqlite } from "./inquiries/store/sqlite.ts";
import { createStore } from "./inquiries/store/store.ts";
import { OperatorError } from "./operator-error.ts";

/**
 * Reads the settings from `env` and then from .env. Throws an OperatorError for an invalid setting,
 * and for a line of .env that would be ignored silently.
 */
export function readConfig(
  env: NodeJS.ProcessEnv,
  development = false,
  folder = path.join(import.meta.dirname, ".."),
): Config {
  const file = path.join(folder, ".env");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const fromFile = parseEnv(text);
  const isIgnored = (name: string) => !settingNames.includes(name) && !name.startsWith("NODE_");
  const errorsInFile = text
    .split("\n")
    .flatMap((line, index) => (/^\s*[^\s#=][^=]*$/.test(line) ? index + 1 : []))
    .map((number) => `line ${number} of .env: expected NAME=value`);
  for (const name of Object.keys(fromFile).filter(isIgnored))
    errorsInFile.push(`${name}: unknown name in .env`);
  return parseConfig({ ...fromFile, ...env }, { development, errorsInFile });
}

/**
 * Opens a store that exists. Only the site creates one: an empty one would hide that the file is
 * gone.
 */
export async function openStore({ storeSettings }: Config): Promise<Store & AsyncDisposable> {
  const { file, databaseUrl } = storeSettings;
  if (!databaseUrl && !existsSync(file))
    throw new OperatorError(
      `${file} does not exist, or this user may not see it: run this as the user of the site, check DATA_DIR, or restore a backup. Before the first start of the site there is none.`,
    );
  const store = createStore(storeSettings);
  await store.open();
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

/**
 * Throws an OperatorError if DATABASE_URL is set on a machine whose SQLite store has inquiries:
 * they would be left behind unanswered.
 */
export function refuseForgottenFile({ storeSettings }: Pick<Config, "storeSettings">): void {
  const { databaseUrl, file } = storeSettings;
  if (!databaseUrl || !existsSync(file)) return;
  const count = countSqlite(file).reduce((sum, row) => sum + row.count, 0);
  if (count > 0)
    throw new OperatorError(
      `The site was not started: DATABASE_URL is set, but ${file} still holds ${count} ${count === 1 ? "inquiry" : "inquiries"}, which PostgreSQL lacks. Remove DATABASE_URL to use them, or move the file away.`,
    );
}

/** Returns whether parseArgs() threw this error, whose message names the argument. */
export const isRefusedArgument = (error: unknown): error is Error =>
  Error.isError(error) && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

/** Returns a sentence that says what to do, or the stack of an unexpected error. */
export function explain(error: unknown): string {
  if (error instanceof OperatorError || isRefusedArgument(error)) return error.message;
  const failure = error as NodeJS.ErrnoException & { port?: number };
  const { code = "", message, stack, syscall, path: file, port } = failure;
  if (code === "EADDRINUSE")
    return `Port ${port} is taken: stop the program that listens on it, or set PORT to another one.`;
  if (file && ["EACCES", "EPERM", "EROFS"].includes(code))
    return `${file} cannot be read or written by this user: run the command as the user of the site (on the server by the command \`site\`), or set DATA_DIR to a folder that is writable.`;
  // If a system call failed, the message names its file or address, and no stack is needed.
  return (syscall ? message : stack) ?? String(error);
}

/** Returns where others in the network find a site that listens on all addresses of the machine. */
export function networkOrigins(
  host: string,
  port: number,
  interfaces = networkInterfaces(),
): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => `http://${address}:${port}`);
}
