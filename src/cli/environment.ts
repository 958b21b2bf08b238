// What commands and the site's start share: the settings from .env and the environment, and errors as a sentence that says what to do.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs, parseEnv, type ParseArgsConfig } from "node:util";
import { parseConfig, settingNames, SettingsError, type Config } from "../config.ts";
import { StoreError } from "../inquiries/store/schema.ts";
import { ArticlesError } from "../site.ts";

/**
 * Settings of the environment, filled up from the .env file of the project's folder if there is one. Throws a SettingsError, also for a
 * name in that file that is no setting: RETENTION_DAY=5 would keep everything for 30 days without a word.
 */
export function readConfig(): Config {
  const file = path.join(import.meta.dirname, "../../.env");
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  const unknown = Object.keys(fromFile).filter((name) => !settingNames.includes(name) && !name.startsWith("NODE_"));
  if (unknown.length > 0) throw new SettingsError(`.env: ${unknown.join(", ")}: no such setting; .env.example has them all.`);
  return parseConfig({ ...fromFile, ...process.env }, { development: process.argv.includes("--dev") });
}

/** A command did not do what was asked; the message says why. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** A command was called wrongly; the message says what is right. */
export class UsageError extends CommandError {
  override name = "UsageError";
}

/** What parseArgs makes of the command line. Where it refuses, or help is asked for, the process ends with the answer. */
export function readArguments<Wanted extends ParseArgsConfig>(wanted: Wanted, help: string) {
  if (process.argv.includes("--help")) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs(wanted);
  } catch (error) {
    return fail(new UsageError(`${(error as Error).message.split(". ")[0]}.\n\n${help}`));
  }
}

/** Ends the process with an error as a sentence. The exit code is 2 where a command was called wrongly, or else 1. */
export function fail(error: unknown): never {
  console.error(explain(error));
  process.exit(error instanceof UsageError ? 2 : 1);
}

/** One sentence that says what to do, where we know what it is. */
export function explain(error: unknown): string {
  if (error instanceof SettingsError || error instanceof StoreError || error instanceof CommandError) return error.message;
  if (error instanceof ArticlesError) return `These articles are wrong, so nothing was started:\n${error.message}`;
  const { code, message, stack, syscall, path: file } = error as NodeJS.ErrnoException;
  const port = process.env["PORT"] || "3000";
  if (code === "EADDRINUSE") return `Port ${port} is taken: stop what listens there, or choose another with PORT=3001 npm start.`;
  if (code === "EACCES" && syscall === "listen")
    return `Port ${port} needs more rights than this user has: choose one above 1023 with PORT.`;
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL")
    return "HOST names no address of this machine: leave it empty, or set localhost or 0.0.0.0.";
  if (syscall === "scandir") return `${file} is no folder that can be read: check ARTICLES_DIR.`;
  if (["EACCES", "EROFS", "EPERM", "ENOTDIR"].includes(code ?? "") || syscall === "mkdir")
    return `${file ?? "The data folder"} cannot be written by this user: change its owner, or point DATA_DIR to a folder that can.`;
  if (code === "EEXIST") return `${file} exists already, and is left as it is: choose another name.`;
  if (code === "ENOENT" && file) return `${file} does not exist.`;
  return stack ?? message ?? String(error);
}

/** A path as the person at the keyboard would write it. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
