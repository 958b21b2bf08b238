// The log: JSON lines in production, readable lines elsewhere. Callers pass ids, counts and
// durations, never text that a visitor typed. Errors of libraries may quote email addresses, so
// addresses are removed here.

import { pino } from "pino";

export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

export function withoutAddresses(text: string): string {
  const address =
    /(?:"[^"\n]*"|[^\s<>()[\],;:"/]+)@(?:\[[^\]\s]*\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu;
  // The text is cut first: a mail server's reply may have 1 MB, and the search for addresses takes
  // quadratic time.
  return text.slice(0, 5_000).replace(address, "[address]");
}

type Write = (line: string) => void;

export function createLog(level: string, format: "json" | "readable", write: Write): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  return pino(options, { write: format === "json" ? write : (line) => write(readable(line)) });
}

/** Describes an error without its other properties: pg's `detail` may have a row of the store. */
const describeError = (error: unknown) => ({
  message: errorMessage(error),
  // The serializer adds the stacks of the error's causes.
  stack: withoutAddresses(pino.stdSerializers.err(error as Error).stack ?? ""),
});

export function errorMessage(error: unknown): string {
  if (!Error.isError(error)) return withoutAddresses(String(error));
  const { code = "", cause, errors } = error as NodeJS.ErrnoException & Partial<AggregateError>;
  const message = pino.stdSerializers.err(error).message.replace(/^fetch failed: /, "");
  const inner = cause ?? errors?.[0]; // an AggregateError of pg or fetch says nothing itself
  return !message && inner ? errorMessage(inner) : withoutAddresses(message || code);
}

type Line = { level: string; time: string; msg: string; err?: ReturnType<typeof describeError> };

function readable(line: string): string {
  const { level, time, msg, err, ...details } = JSON.parse(line) as Line;
  const more = Object.keys(details).length > 0 ? ` ${JSON.stringify(details)}` : "";
  const stack = err ? `\n${err.stack || err.message}` : "";
  return `${time.slice(11, 19)}Z ${level.padEnd(5)} ${msg}${more}${stack}\n`;
}
