// The log: JSON lines in production, readable lines elsewhere. Callers pass ids, counts and durations, never text that a visitor typed.
// Errors of libraries may quote e-mail addresses, so addresses are removed here.

import { pino } from "pino";

export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/** Replaces e-mail addresses in `text` by "[address]": mail servers quote them when they refuse a mail. */
export function withoutAddresses(text: string): string {
  return text.replace(/(?:"[^"\n]*"|[^\s<>()[\],;:"/]+)@(?:\[[^\]\s]*\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu, "[address]");
}

/** Returns a log that passes each line to `write`. Entries below `level` are dropped. */
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

type LoggedError = { type?: string; message: string; stack?: string; code?: string; cause?: LoggedError; aggregateErrors?: LoggedError[] };

/** Causes below this depth are not logged. Chains in use have one or two; the limit also ends a chain that is circular. */
const maxDepth = 5;

/** Logs no other properties: `detail` of a PostgreSQL error holds the row, and `response` of an SMTP error holds addresses. */
function serializeError(error: unknown, depth = 0): LoggedError {
  if (!Error.isError(error)) return { message: withoutAddresses(String(error)) };
  const { name, message, stack = "", code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  const deeper = depth < maxDepth;
  return {
    type: name,
    message: withoutAddresses(message),
    stack: withoutAddresses(stack),
    ...(typeof code === "string" && { code: withoutAddresses(code) }),
    ...(deeper && cause !== undefined && { cause: serializeError(cause, depth + 1) }),
    ...(deeper && Array.isArray(errors) && { aggregateErrors: errors.map((one) => serializeError(one, depth + 1)) }),
  };
}

/** Returns the messages of an error and its causes. fetch says only "fetch failed" itself, and an AggregateError of pg says nothing. */
export function reasonOf(error: unknown): string {
  return messagesOf(serializeError(error));
}

function messagesOf({ message, code = "", cause, aggregateErrors = [] }: LoggedError): string {
  const inner = [...(cause ? [cause] : []), ...aggregateErrors].map(messagesOf).join(", ");
  if (inner && (!message || message === "fetch failed")) return inner;
  return [message || code, inner].filter(Boolean).join(": ");
}

function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as { level: string; time: string; msg: string; err?: LoggedError };
  const details = Object.entries(rest).map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${time.slice(11, 19)}Z ${level.padEnd(5)} ${msg}${details.join("")}${err ? `\n${stackWithCauses(err)}` : ""}\n`;
}

function stackWithCauses({ stack, message, cause, aggregateErrors = [] }: LoggedError): string {
  const inner = [...(cause ? [cause] : []), ...aggregateErrors].map((error) => `caused by ${stackWithCauses(error)}`);
  return [stack || message, ...inner].join("\n");
}
