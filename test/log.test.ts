// The log: its two forms, and that email addresses in errors of libraries are not written to it.

import { createLog, reasonOf, withoutAddresses } from "../src/log.ts";

function logOf(format: "json" | "readable", level = "info") {
  const lines: string[] = [];
  return { log: createLog(level, format, (line) => lines.push(line)), lines };
}

const refusal = "550 5.1.1 <priya.raman@fjordfreight.example>: Recipient address rejected";

describe("addresses are removed", () => {
  test.each([
    [refusal, "550 5.1.1 <[address]>: Recipient address rejected"],
    ["RCPT TO:<a+b@c.dk> failed", "RCPT TO:<[address]> failed"],
    ["from=a@b.dk, to=c@d.dk; e@f.dk", "[address], [address]; [address]"],
    ["bøje@ærø.dk and (x@[192.0.2.1])", "[address] and ([address])"],
    ["mailto:a@b.dk\nX-Original-To: c@localhost", "mailto:[address]\nX-Original-To: [address]"],
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

  test.each(["json", "readable"] as const)(
    "from an error's message, stack, code, cause and contained errors, in %s lines",
    (format) => {
      const { log, lines } = logOf(format);
      const cause = Object.assign(new Error(`caused by ${refusal}`), { code: refusal });
      const error = new Error(`Can't send mail\n${refusal}`, { cause });
      log.error({ err: error }, "mail was refused");
      log.error({ err: new AggregateError([error, refusal], refusal) }, "mail was refused");
      log.error({ err: refusal }, "mail was refused");
      expect(lines).toHaveLength(3);
      expect(lines.join("")).not.toMatch(/priya|fjordfreight/);
      for (const line of lines) expect(line).toContain("[address]");
    },
  );

  test("because other properties of an error are not logged", () => {
    const { log, lines } = logOf("json");
    const detail = "Key (email)=(priya.raman@fjordfreight.example) already exists.";
    const cause = Object.assign(new Error("duplicate key"), { detail, response: refusal });
    log.error({ err: new Error("not stored", { cause }) }, "not stored");
    expect(lines.join("")).toContain("duplicate key");
    expect(lines.join("")).not.toMatch(/priya|fjordfreight|already exists|Recipient/);
  });
});

describe("an error", () => {
  type Logged = { message: string; stack: string; code?: string; causes: Logged[] };

  function logged(error: unknown): Logged {
    const { log, lines } = logOf("json");
    log.error({ err: error }, "failed");
    return (JSON.parse(lines[0] ?? "") as { err: Logged }).err;
  }

  test("has its message, code, stack and causes", () => {
    const root = Object.assign(new Error(refusal), { code: "ECONNREFUSED" });
    const both = new AggregateError([new Error("IPv6 failed"), root], "both failed");
    const err = logged(new TypeError("fetch failed", { cause: both }));
    expect(err.stack).toMatch(/^TypeError: fetch failed\n.*log\.test\.ts/);
    const [cause] = err.causes;
    expect(cause?.causes).toMatchObject([
      { message: "IPv6 failed" },
      { message: "550 5.1.1 <[address]>: Recipient address rejected", code: "ECONNREFUSED" },
    ]);
  });

  test("with a message of a megabyte is shortened, because to search it took minutes", () => {
    expect(logged(new Error("a".repeat(1_000_000))).message.length).toBeLessThan(10_000);
  });

  test("is described by its causes where it says nothing itself", () => {
    const refused = ["::1", "127.0.0.1"].map((host) =>
      Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: "ECONNREFUSED" }),
    );
    const nothing = Object.assign(new AggregateError(refused), { code: "ECONNREFUSED" });
    expect(reasonOf(nothing)).toBe("connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1");
    expect(reasonOf(new TypeError("fetch failed", { cause: nothing }))).toBe(reasonOf(nothing));
    expect(reasonOf(new Error("not sent", { cause: new Error("refused") }))).toBe(
      "not sent: refused",
    );
    expect(reasonOf(Object.assign(new Error(""), { code: "EPIPE" }))).toBe("EPIPE");
  });

  test("may be its own cause", () => {
    const error = new Error("circular");
    error.cause = error;
    expect(logged(error).causes[0]?.message).toBe("circular");
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

  test("is readable text outside production, with the stack of an error and of its cause", () => {
    const { log, lines } = logOf("readable");
    log.info({ inquiry: "CS-7F3K-9QXM", ms: 12, more: { a: 1 } }, "handed over");
    log.error({ err: new Error("disk full", { cause: new Error("ENOSPC") }) }, "not stored");
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\dZ info {2}handed over inquiry=CS-7F3K-9QXM ms=12 more=\{"a":1\}\n$/,
    );
    expect(lines[1]).toMatch(/^\S+ error not stored\nError: disk full\n {4}at .*log\.test\.ts/);
    expect(lines[1]).toMatch(/\ncaused by Error: ENOSPC\n {4}at .*log\.test\.ts/);
  });
});
