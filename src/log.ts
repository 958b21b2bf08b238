// The log: JSON lines in production, readable lines elsewhere. Callers pass ids, counts and
// durations, never text that a visitor typed. Errors of libraries may quote email addresses, so
// addresses are removed here.

import { pino } from "pino";

export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/** A mail server's reply may have 1 MB, and the expression takes quadratic time. */
const maxReadLength = 5_000;

/** Returns the beginning of a text with "[address]" in place of email addresses. */
export function withoutAddresses(text: string): string {
  const address =
    /(?:"[^"\n]*"|[^\s<>()[\],;:"/]+)@(?:\[[^\]\s]*\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu;
  return text.slice(0, maxReadLength).replace(address, "[address]");
}

/** Returns a log that passes each line to `write`. Entries below `level` are dropped. */
export function createLog(
  level: string,
  format: "json" | "readable",
  write: (line: string) => void,
): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return pino(options, {
    write: format === "json" ? write : (line: string) => write(readable(line)),
  });
}

type Described = { message: string; stack: string; code?: string; causes: Described[] };

/** Deeper causes are not logged. The limit also ends a circular chain. */
const maxDepth = 5;

/**
 * Returns what is logged of an error. Other properties may have a row of the store: pg's `detail`.
 */
function describeError(error: unknown, depth = 0): Described {
  if (!Error.isError(error))
    return { message: withoutAddresses(String(error)), stack: "", causes: [] };
  const { message, stack = "", code, cause, errors } = error as Error & Record<string, unknown>;
  const inner = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
  return {
    message: withoutAddresses(message),
    stack: withoutAddresses(stack),
    ...(typeof code === "string" && { code: withoutAddresses(code) }),
    causes: depth < maxDepth ? inner.map((one: unknown) => describeError(one, depth + 1)) : [],
  };
}

/** Returns the messages of an error and its causes, for a sentence. */
export function reasonOf(error: unknown): string {
  return messagesOf(describeError(error));
}

/** The message of fetch is only "fetch failed", and that of pg's AggregateError is empty. */
function messagesOf({ message, code = "", causes }: Described): string {
  const inner = causes.map(messagesOf).join(", ");
  if (inner && (!message || message === "fetch failed")) return inner;
  return [message || code, inner].filter(Boolean).join(": ");
}

type Line = { level: string; time: string; msg: string; err?: Described };

function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Line;
  const details = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const stacks = err ? `\n${stackOf(err)}` : "";
  return `${time.slice(11, 19)}Z ${level.padEnd(5)} ${msg}${details.join("")}${stacks}\n`;
}

const stackOf = ({ stack, message, causes }: Described): string =>
  [stack || message, ...causes.map((cause) => `caused by ${stackOf(cause)}`)].join("\n");
