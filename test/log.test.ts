// The log: its two forms, and that what mail servers say about people's addresses does not get into it.

import { createLog, withoutAddresses } from "../src/log.ts";

function logOf(format: "json" | "readable", level = "info") {
  const lines: string[] = [];
  return { log: createLog(level, format, (line) => lines.push(line)), lines };
}

const refusal = "550 5.1.1 <priya.raman@fjordfreight.example>: Recipient address rejected";

describe("addresses are taken out", () => {
  test.each([
    [refusal, "550 5.1.1 <[address]>: Recipient address rejected"],
    ["RCPT TO:<a+b@c.dk> failed", "RCPT TO:<[address]> failed"],
    ["from=a@b.dk, to=c@d.dk; e@f.dk", "[address], [address]; [address]"],
    ["bøje@ærø.dk and (x@[192.0.2.1])", "[address] and ([address])"],
    ["mailto:a@b.dk\nX-Original-To: c@localhost", "mailto:[address]\nX-Original-To: [address]"],
    ['"caused by" Error: 554 "a@b.dk" is on a list', '"caused by" Error: 554 "[address]" is on a list'],
    [`<"priya raman"@x.dk> and o'brien@x.dk`, "<[address]> and [address]"],
    ["at /srv/node_modules/@scope/x.js", "at /srv/node_modules/@scope/x.js"],
    ["connect ECONNREFUSED 192.0.2.1:587", "connect ECONNREFUSED 192.0.2.1:587"],
  ])("%j", (text, cleaned) => {
    expect(withoutAddresses(text)).toBe(cleaned);
  });

  test.each(["json", "readable"] as const)("of an error's message, stack, cause and fields, in %s lines", (format) => {
    const { log, lines } = logOf(format);
    const cause = new Error(`caused by ${refusal}`);
    const error = Object.assign(new Error(`Can't send mail\n${refusal}`, { cause }), {
      response: refusal,
      rejected: [refusal],
    });
    log.error({ err: error }, "mail was refused");
    log.error({ err: new AggregateError([error], refusal) }, "mail was refused");
    log.error({ err: refusal }, "mail was refused");
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toMatch(/priya|fjordfreight/);
    for (const line of lines) expect(line).toContain("[address]");
  });

  test("and the place in the code stays", () => {
    const { log, lines } = logOf("json");
    log.error({ err: new TypeError(refusal) }, "mail was refused");
    const { err } = JSON.parse(lines[0] ?? "") as { err: { name: string; message: string; stack: string } };
    expect(err.name).toBe("TypeError");
    expect(err.message).toBe("550 5.1.1 <[address]>: Recipient address rejected");
    expect(err.stack).toContain("log.test.ts");
  });
});

describe("a line", () => {
  test("is JSON with time, level, message and details, and nothing about the machine", () => {
    const { log, lines } = logOf("json");
    log.warn({ inquiry: "CS-7F3K-9QXM", ms: 12 }, "handed over late");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      inquiry: "CS-7F3K-9QXM",
      ms: 12,
      msg: "handed over late",
    });
  });

  test("can be read on a desk", () => {
    const { log, lines } = logOf("readable");
    log.info({ inquiry: "CS-7F3K-9QXM", ms: 12, more: { a: 1 } }, "handed over");
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}handed over inquiry=CS-7F3K-9QXM ms=12 more=\{"a":1\}\n$/);
  });

  test("has the stack of an error below it on a desk", () => {
    const { log, lines } = logOf("readable");
    log.error({ err: new Error("disk full") }, "not stored");
    expect(lines[0]).toMatch(/^\S+ error not stored\nError: disk full\n {4}at .*log\.test\.ts/);
  });

  test("below the level is not written", () => {
    const { log, lines } = logOf("json", "warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    expect(lines).toHaveLength(1);
  });
});
