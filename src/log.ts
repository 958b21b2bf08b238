// The log: JSON lines in production, readable lines elsewhere. Callers pass ids, counts and durations, never text that a visitor typed.
// Errors from libraries may quote email addresses, so addresses are removed here.

import { pino } from "pino";

export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/** Replaces email addresses in `text` with "[address]": mail servers quote them when they reject a mail. */
export function withoutAddresses(text: string): string {
  return text.replace(
    /(?:"[^"\n]*"|[^\s<>()[\],;:"/]+)@(?:\[[^\]\s]*\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu,
    "[address]",
  );
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
    serializers: { err: serializeError },
  };
  return pino(options, {
    write: format === "json" ? write : (line: string) => write(readable(line)),
  });
}

type LoggedError = {
  type?: string;
  message: string;
  stack?: string;
  code?: string;
  cause?: LoggedError;
  aggregateErrors?: LoggedError[];
};

/** Deeper causes are not logged. Real chains have one or two. The limit also ends a circular chain. */
const maxDepth = 5;

/** Returns only these properties: `detail` of a PostgreSQL error contains the row, `response` of an SMTP error contains addresses. */
function serializeError(error: unknown, depth = 0): LoggedError {
  if (!Error.isError(error)) return { message: withoutAddresses(String(error)) };
  const {
    name,
    message,
    stack = "",
    code,
    cause,
    errors,
  } = error as Error & { code?: unknown; errors?: unknown };
  const deeper = depth < maxDepth;
  return {
    type: name,
    message: withoutAddresses(message),
    stack: withoutAddresses(stack),
    ...(typeof code === "string" && { code: withoutAddresses(code) }),
    ...(deeper && cause !== undefined && { cause: serializeError(cause, depth + 1) }),
    ...(deeper &&
      Array.isArray(errors) && {
        aggregateErrors: errors.map((inner) => serializeError(inner, depth + 1)),
      }),
  };
}

/** Returns the messages of an error and its causes. The message of fetch is only "fetch failed", and that of pg's AggregateError is empty. */
export function reasonOf(error: unknown): string {
  return messagesOf(serializeError(error));
}

function messagesOf({ message, code = "", cause, aggregateErrors = [] }: LoggedError): string {
  const inner = [...(cause ? [cause] : []), ...aggregateErrors].map(messagesOf).join(", ");
  if (inner && (!message || message === "fetch failed")) return inner;
  return [message || code, inner].filter(Boolean).join(": ");
}

function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as {
    level: string;
    time: string;
    msg: string;
    err?: LoggedError;
  };
  const details = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${time.slice(11, 19)}Z ${level.padEnd(5)} ${msg}${details.join("")}${err ? `\n${stackWithCauses(err)}` : ""}\n`;
}

function stackWithCauses({ stack, message, cause, aggregateErrors = [] }: LoggedError): string {
  const inner = [...(cause ? [cause] : []), ...aggregateErrors].map(
    (error) => `caused by ${stackWithCauses(error)}`,
  );
  return [stack || message, ...inner].join("\n");
}
