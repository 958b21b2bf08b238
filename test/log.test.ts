// The log: its two forms, and that email addresses in errors of libraries are not written to it.

import { createLog, errorMessage, withoutAddresses } from "../src/log.ts";

function logOf(format: "json" | "readable") {
  const lines: string[] = [];
  return { log: createLog("info", format, (line) => lines.push(line)), lines };
}

const refusal = "550 5.1.1 <priya.raman@fjordfreight.example>: Recipient address rejected";

describe("addresses are removed", () => {
  test.each([
    [refusal, "550 5.1.1 <[address]>: Recipient address rejected"],
    ["RCPT TO:<a+b@c.dk> failed", "RCPT TO:<[address]> failed"],
    ["from=a@b.dk, to=c@d.dk; e@f.dk", "[address], [address]; [address]"],
    ["bøje@ærø.dk and (x@[192.0.2.1])", "[address] and ([address])"],
    [
      '"caused by" Error: 554 "a@b.dk" is on a list',
      '"caused by" Error: 554 "[address]" is on a list',
    ],
    [`<"priya raman"@x.dk> and o'brien@x.dk`, "<[address]> and [address]"],
    ["at /srv/node_modules/@scope/x.js", "at /srv/node_modules/@scope/x.js"],
    ["connect ECONNREFUSED 192.0.2.1:587", "connect ECONNREFUSED 192.0.2.1:587"],
  ])("%j", (text, cleaned) => {
    expect(withoutAddresses(text)).toBe(cleaned);
  });

  test.each(["json", "readable"] as const)("from all that %s lines have of an error", (format) => {
    const { log, lines } = logOf(format);
    const detail = "Key (email)=(priya.raman@fjordfreight.example) already exists.";
    const cause = Object.assign(new Error(`caused by ${refusal}`), { code: refusal, detail });
    const error = new Error(`Can't send mail\n${refusal}`, { cause });
    for (const err of [error, new AggregateError([error, refusal], refusal), refusal])
      log.error({ err }, "mail was refused");
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toMatch(/priya|fjordfreight|already exists/);
    for (const line of lines) expect(line).toContain("[address]");
  });
});

describe("an error", () => {
  test("with a message of a megabyte is shortened", () => {
    expect(errorMessage(new Error("a".repeat(1_000_000))).length).toBeLessThan(10_000);
  });

  test("is described by its causes where it says nothing itself", () => {
    const refused = ["::1", "127.0.0.1"].map((host) => new Error(`connect ECONNREFUSED ${host}`));
    const nothing = Object.assign(new AggregateError(refused), { code: "ECONNREFUSED" });
    const messages: [Error, string][] = [
      [nothing, "connect ECONNREFUSED ::1"],
      [new TypeError("fetch failed", { cause: nothing }), "connect ECONNREFUSED ::1"],
      [new TypeError("fetch failed", { cause: refused[1] }), "connect ECONNREFUSED 127.0.0.1"],
      [new Error("not sent", { cause: new Error("refused") }), "not sent: refused"],
      [Object.assign(new Error(""), { code: "EPIPE" }), "EPIPE"],
    ];
    for (const [error, message] of messages) expect(errorMessage(error)).toBe(message);
  });
});

test("a line is JSON, with nothing about the machine", () => {
  const { log, lines } = logOf("json");
  log.warn({ inquiry: "CS-7F3K-9QXM", ms: 12 }, "sent late");
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "warn", time, inquiry: "CS-7F3K-9QXM", ms: 12, msg: "sent late" },
  ]);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
});

test("outside production a line is text, with the stack of an error", () => {
  const { log, lines } = logOf("readable");
  log.info({ inquiry: "CS-7F3K-9QXM", ms: 12, more: { a: 1 } }, "sent");
  log.error({ err: new Error("disk full", { cause: new Error("ENOSPC") }) }, "not stored");
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\dZ info {2}sent \{"inquiry":"CS-7F3K-9QXM","ms":12,"more":\{"a":1\}\}\n$/,
  );
  expect(lines[1]).toMatch(/^\S+ error not stored\nError: disk full\n {4}at .*log\.test\.ts/);
  expect(lines[1]).toMatch(/\ncaused by: Error: ENOSPC\n {4}at .*log\.test\.ts/);
});
