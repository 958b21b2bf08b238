// The log. JSON lines in production, readable lines elsewhere. Callers pass ids, counts and durations, never what a visitor typed:
// the one place where such text could slip in, the message of somebody else's error, is cleaned here.

import { pino } from "pino";

export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/** Error text with everything that looks like an e-mail address taken out: mail servers quote them in their refusals. */
export function withoutAddresses(text: string): string {
  return text.replace(/(?:"[^"\n]*"|[^\s<>()[\],;:"/]+)@(?:\[[^\]\s]*\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu, "[address]");
}

export function createLog(level: string, format: "json" | "readable", write: (line: string) => void): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
  };
  return pino(options, { write: format === "json" ? write : (line: string) => write(readable(line)) });
}

function serializeError(error: unknown): object {
  if (!Error.isError(error)) return { message: withoutAddresses(String(error)) };
  return { name: error.name, message: withoutAddresses(error.message), stack: withoutAddresses(error.stack ?? "") };
}

function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as { level: string; time: string; msg: string; err?: Partial<Error> };
  const details = Object.entries(rest).map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const stack = err ? `\n${err.stack || err.message}` : "";
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg}${details.join("")}${stack}\n`;
}
