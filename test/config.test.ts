// The settings: defaults, what is refused with which message, and that .env.example documents the same names.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readConfig } from "../src/startup.ts";
import { parseConfig, settingNames } from "../src/config.ts";
import { OperatorError } from "../src/operator-error.ts";
import { temporaryFolder } from "./support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "..");

/** The settings that production requires. */
const production = {
  NODE_ENV: "production",
  SITE_URL: "https://cleansystems.dk",
  SMTP_URL: "smtps://site:secret@mail.cleansystems.dk",
  MAIL_FROM: "Clean Systems website <site@cleansystems.dk>",
  MAIL_TO: "projects@cleansystems.dk, Staff <staff@cleansystems.dk>",
  CONTACT_EMAIL: "hello@cleansystems.dk",
};

/** Returns the lines of the error message except the first, or nothing if the settings are valid. */
function errors(env: Record<string, string>, options?: { development?: boolean }): string[] {
  try {
    parseConfig(env, options);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const lines = error.message.split("\n").slice(1);
    return lines.map((line) => line.trim());
  }
  return [];
}

const names = (lines: string[]) => lines.map((line) => String(/^\w+/.exec(line))).sort();

test("without settings the site listens on this machine only", () => {
  const empty = Object.fromEntries(
    settingNames.map((name, index) => [name, " ".repeat(index % 3)]),
  );
  expect(parseConfig(empty)).toEqual(parseConfig({}));
  expect(parseConfig({})).toMatchObject({
    production: false,
    development: false,
    host: "localhost",
    siteUrl: "http://localhost:3000",
    dataDir: path.join(projectDir, "data"),
    mailDir: path.join(projectDir, "data/mail"),
    smtpUrl: undefined,
    smtpRequireTls: true,
  });
});

test("a relative path is resolved from the project's folder", () => {
  expect(parseConfig({ DATA_DIR: "../store", ARTICLES_DIR: "/srv/texts" })).toMatchObject({
    dataDir: path.resolve(projectDir, "../store"),
    mailDir: path.resolve(projectDir, "../store/mail"),
    articlesDir: "/srv/texts",
  });
});

test.each([
  ["false", false],
  ["1", 1],
  ["10.1.2.3, fd00::/8", ["10.1.2.3", "fd00::/8"]],
])("TRUST_PROXY=%s", (text, value) => {
  expect(parseConfig({ TRUST_PROXY: text }).trustProxy).toEqual(value);
});

test.each([
  ["1", "13"],
  ["6", "27"],
])("REPLY_WITHIN_WORKING_DAYS=%s needs RETENTION_DAYS=%s", (days, retention) => {
  const parse = (retentionDays: number) =>
    parseConfig({ REPLY_WITHIN_WORKING_DAYS: days, RETENTION_DAYS: String(retentionDays) });
  expect(() => parse(Number(retention) - 1)).toThrow(
    `RETENTION_DAYS: expected at least ${retention}: seven days, and twice the reply`,
  );
  expect(parse(Number(retention)).retentionDays).toBe(Number(retention));
});

describe("an invalid value", () => {
  const wrong: [name: string, text: string, expected: RegExp][] = [
    ["NODE_ENV", "prod", /one of production, development, test$/],
    ["PORT", "65536", /a port, 0 to 65535$/],
    ["SITE_URL", "localhost:3000", /a URL like https/],
    ["SITE_URL", "https://cleansystems.dk/path", /without a path/],
    ["SMTP_REQUIRE_TLS", "yes", /true or false/],
    ["MAIL_FROM", "Clean Systems", /one address/],
    ["MAIL_FROM", "a@cleansystems.dk, b@cleansystems.dk", /one address/],
    ["MAIL_TO", "projects@cleansystems.dk, staff", /one or more addresses/],
    ["MAIL_TO", "projects@cleansystems.dk, Projects@CleanSystems.dk", /each of them once/],
    ["CONTACT_EMAIL", "hello", /an email address/],
    ["CONTACT_PHONE", "call us", /a phone number/],
    ["TRUST_PROXY", "true", /the number of proxies in front/],
    ["TRUST_PROXY", "0.0.0.0/0", /networks like 10\.0\.0\.0\/8/],
    ["INQUIRIES_PER_10_MINUTES", "-1", /a number of inquiries, 0 to 10000/],
    ["INQUIRIES_PER_HOUR_TOTAL", "1.5", /a number of inquiries, 0 to 100000/],
    ["RETENTION_DAYS", "thirty", /a number of days/],
    ["REPLY_WITHIN_WORKING_DAYS", "31", /1 to 30/],
    ["LOG_LEVEL", "loud", /one of debug, info, warn, error$/],
  ];

  test.each(wrong)("%s=%s is reported with what is expected", (name, text, expected) => {
    expect(errors({ [name]: text })).toEqual([expect.stringMatching(expected)]);
    expect(errors({ [name]: text })[0]).toMatch(`${name}: expected `);
  });

  test("is reported together with all others", () => {
    const env = {
      SMTP_URL: "http://mail.dk",
      ...Object.fromEntries(wrong.map(([name, text]) => [name, text])),
    };
    expect(names(errors(env))).toEqual(Object.keys(env).sort());
  });

  test.each([
    ["SMTP_URL", "http://site:hunter2@mail.dk"],
    ["SMTP_URL", "smtp://site:hunter#2@mail.dk"],
    ["SMTP_URL", "smtp://site:hunter2%zz@mail.dk"],
    ["ALERT_WEBHOOK_URL", "alerts.cleansystems.dk/hunter2"],
    ["PREVIEW_SECRET", "hunter2"],
    ["DATABASE_URL", "postgres://site:hunter2@db.dk"],
  ])("is not repeated, because it may be a secret: %s=%s", (name, value) => {
    const lines = errors({ [name]: value });
    expect(lines).toEqual([expect.stringMatching(`^${name}: expected `)]);
    expect(lines.join()).not.toContain("hunter");
  });

  test.each([
    ["https://cleansystems.dk", true],
    ["http://localhost:3000", false],
    ["http://site.localhost:3000", false],
  ])("is a public SITE_URL without NODE_ENV=production: %s, %s", (SITE_URL, isPublic) => {
    const wrong = [expect.stringMatching(/NODE_ENV=production, which refuses example values/)];
    expect(errors({ SITE_URL })).toEqual(isPublic ? wrong : []);
  });
});

test.each([
  ["postgres://site@db.dk/website", false],
  ["postgres://site@db.dk/website?sslmode=require", false],
  ["postgres:///website?host=db.dk", false],
  ["postgres://site@db.dk/website?sslmode=verify-full", true],
  ["postgres://site@localhost/website", true],
  ["postgres:///website?host=/run/postgresql", true],
])("DATABASE_URL=%s is allowed, because it verifies another machine: %s", (url, isAllowed) => {
  const wrong = [expect.stringMatching(/^DATABASE_URL: .*another machine requires .*verify-full$/)];
  expect(errors({ DATABASE_URL: url })).toEqual(isAllowed ? [] : wrong);
});

test("the environment precedes .env, which may have no ignored line", async () => {
  const { dir, remove } = await temporaryFolder();
  writeFileSync(path.join(dir, ".env"), "CONTACT_PHONE=+45 11 11 11 11\nRETENTION_DAYS=14\n");
  expect(readConfig({ CONTACT_PHONE: "+45 22 22 22 22" }, false, dir)).toMatchObject({
    contactPhone: "+45 22 22 22 22",
    retentionDays: 14,
  });
  const wrong =
    "# Days\n\nRETENTION_DAY=12\nNODE_OPTIONS=--trace-warnings\nHOST localhost\nPORT=abc\n";
  writeFileSync(path.join(dir, ".env"), wrong);
  expect(() => readConfig({}, false, dir)).toThrow(
    /line 5 of \.env: expected NAME=value\n +RETENTION_DAY: unknown name in \.env\n +PORT: .*$/,
  );
  await remove();
});

test("every value of the configuration is read by the site or a command", () => {
  const files = globSync("src/**/*.ts", { cwd: projectDir, exclude: ["src/config.ts"] });
  const source = files.map((name) => readFileSync(path.join(projectDir, name), "utf8")).join();
  // As `config.key` or `{ key }`: a variable of the same name is no reader.
  const unread = Object.keys(parseConfig({})).filter(
    (key) => !new RegExp(`\\.${key}\\b|[{,]\\s*${key}\\s*[,}:]`).test(source),
  );
  expect(unread).toEqual([]);
});

test("production is read", () => {
  expect(parseConfig({ ...production, SITE_URL: "https://CleanSystems.dk:443/" })).toMatchObject({
    production: true,
    host: "localhost", // elsewhere, clients could forge the address that a proxy sets
    siteUrl: "https://cleansystems.dk",
    mailFrom: { name: "Clean Systems website", address: "site@cleansystems.dk" },
    mailTo: [
      { name: "", address: "projects@cleansystems.dk" },
      { name: "Staff", address: "staff@cleansystems.dk" },
    ],
    replyWithinWorkingDays: undefined,
  });
});

describe("production refuses", () => {
  test("to start without the settings that it requires", () => {
    const lines = errors({ NODE_ENV: "production", PORT: "abc" });
    const required = ["CONTACT_EMAIL", "MAIL_FROM", "MAIL_TO", "SITE_URL", "SMTP_URL"];
    expect(names(lines)).toEqual([...required, "PORT"].sort());
    expect(lines).toContain("CONTACT_EMAIL: required in production, expected an email address");
  });

  test.each([
    ["SITE_URL", "https://cleansystems.example"],
    ["SMTP_URL", "smtp://user:password@mail.example.org:587"],
    ["MAIL_FROM", "site@cleansystems.example"],
    ["MAIL_TO", "projects@cleansystems.dk, staff@example.com"],
    ["BACKUP_TO", "rsync -a . backup@example.com:website"],
    ["CONTACT_EMAIL", "hello@cleansystems.example"],
    ["ALERT_WEBHOOK_URL", "https://alerts.example.com/hook"],
  ])("an example value as %s", (name, value) => {
    const lines = errors({ ...production, [name]: value });
    expect(lines).toEqual([expect.stringMatching(`^${name}.*: production refuses example values`)]);
  });

  test("no path that only has the word example in it", () => {
    const paths = { DATA_DIR: "/srv/example", BACKUP_TO: "rsync -a ./ nas:/backups/example/" };
    expect(errors({ ...production, ...paths })).toEqual([]);
  });

  test("plain http", () => {
    expect(errors({ ...production, SITE_URL: "http://cleansystems.dk" })).toEqual([
      expect.stringMatching(/https/),
    ]);
  });

  test("to run as `npm run dev`, which shows drafts", () => {
    expect(errors(production, { development: true })).toEqual([
      expect.stringMatching(/npm run dev/),
    ]);
  });
});

describe(".env.example", () => {
  const example = readFileSync(path.join(projectDir, ".env.example"), "utf8");
  const lines = example.matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm);
  const shown = new Map(lines.map(([, name = "", value = ""]) => [name, value]));

  test("contains exactly the settings that exist", () => {
    expect([...shown.keys()].sort()).toEqual([...settingNames].sort());
  });

  test.each([...shown])("%s=%s is the default, or a setting without one", (name, value) => {
    if (/^(DATABASE_URL|SMTP_URL|CONTACT_PHONE|ALERT_WEBHOOK_URL|BACKUP_TO)$/.test(name))
      expect(errors({ [name]: value })).toEqual([]);
    else expect(parseConfig({ [name]: value })).toEqual(parseConfig({}));
  });
});
