// What commands and the site's start share: the settings from .env and the environment, and errors as a sentence that says what to do.

import path from "node:path";
import { parseConfig, SettingsError, type Config } from "../config.ts";
import { StoreError } from "../inquiries/sqlite.ts";
import { ArticlesError } from "../site.ts";

/** Settings of the environment, filled up from the .env file of the project's folder if there is one. Throws a SettingsError. */
export function readConfig(): Config {
  try {
    process.loadEnvFile(path.join(import.meta.dirname, "../../.env"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return parseConfig(process.env, { development: process.argv.includes("--dev") });
}

/** A command was called wrongly; the message says what is right. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Runs a command and ends the process with its exit code; an error becomes a sentence, and 2 where the command was called wrongly. */
export async function runCommand(main: () => number | Promise<number>): Promise<never> {
  try {
    process.exit(await main());
  } catch (error) {
    console.error(explain(error));
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

/** One sentence that says what to do, where we know what it is. */
export function explain(error: unknown): string {
  if (error instanceof SettingsError || error instanceof StoreError || error instanceof UsageError)
    return error.message;
  if (error instanceof ArticlesError) return `These articles are wrong, so nothing was started:\n${error.message}`;
  const { code, message, stack, syscall, path: file } = error as NodeJS.ErrnoException;
  const port = process.env["PORT"] || "3000";
  if (code === "EADDRINUSE")
    return `Port ${port} is taken: stop what listens there, or choose another with PORT=3001 npm start.`;
  if (code === "EACCES" && syscall === "listen")
    return `Port ${port} needs more rights than this user has: choose one above 1023 with PORT.`;
  if (["EACCES", "EROFS", "EPERM", "ENOTDIR"].includes(code ?? "") || syscall === "mkdir")
    return `${file ?? "The data folder"} cannot be written by this user: change its owner, or point DATA_DIR to a folder that can.`;
  if (code === "EEXIST") return `${file} exists already, and is left as it is: choose another name.`;
  if (code === "ENOENT" && syscall === "scandir") return `${file} does not exist: check ARTICLES_DIR.`;
  if (code === "ENOENT" && file) return `${file} does not exist.`;
  return stack ?? message ?? String(error);
}

/** A path as the person at the keyboard would write it. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
