// The settings: defaults, what is refused with which message, and that .env.example documents the same names.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readConfig } from "../src/startup.ts";
import { parseConfig, settingNames } from "../src/config.ts";
import { OperatorError } from "../src/operator-error.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "..");

/** Returns the lines of the error message except the first, or nothing if the settings are valid. */
function errors(env: Record<string, string>): string[] {
  try {
    parseConfig(env);
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

test("TRUST_PROXY is off, a number of proxies, or their networks", () => {
  const values = ["false", "1", "10.1.2.3, fd00::/8"].map(
    (text) => parseConfig({ TRUST_PROXY: text }).trustProxy,
  );
  expect(values).toEqual([false, 1, ["10.1.2.3", "fd00::/8"]]);
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

const wrong: [name: string, text: string, expected: RegExp][] = [
  ["NODE_ENV", "prod", /expected one of production, development, test$/],
  ["PORT", "65536", /expected a port, 0 to 65535$/],
  ["SITE_URL", "localhost:3000", /expected a URL like https/],
  ["SITE_URL", "https://cleansystems.dk/path", /without a path/],
  ["SITE_URL", "https://cleansystems.dk", /NODE_ENV=production, which refuses example values/],
  ["DATABASE_URL", "postgres://site@db.dk/website", /another machine requires .*verify-full, /],
  ["DATABASE_URL", "postgres://site@db.dk/website?sslmode=prefer", /verifies no certificate$/],
  ["DATABASE_URL", "postgres:///website?host=db.dk", /verifies no certificate$/],
  ["DATABASE_URL", "postgres://site@134744072/website", /verifies no certificate$/],
  ["SMTP_URL", "http://site:hunter2@mail.dk", /expected a URL like smtps:/],
  ["SMTP_URL", "smtp://site:hunter#2@mail.dk", /expected a URL like smtps:/],
  ["SMTP_URL", "smtp://site:hunter2%zz@mail.dk", /expected a URL like smtps:/],
  ["SMTP_REQUIRE_TLS", "yes", /expected true or false/],
  ["MAIL_FROM", "Clean Systems", /expected one address/],
  ["MAIL_FROM", "a@cleansystems.dk, b@cleansystems.dk", /expected one address/],
  ["MAIL_TO", "projects@cleansystems.dk, staff", /expected one or more addresses/],
  ["CONTACT_EMAIL", "hello", /expected an email address/],
  ["CONTACT_PHONE", "call us", /expected a phone number/],
  ["TRUST_PROXY", "true", /the number of proxies in front/],
  ["TRUST_PROXY", "0.0.0.0/0", /networks like 10\.0\.0\.0\/8/],
  ["INQUIRIES_PER_10_MINUTES", "-1", /a number of inquiries, 0 to 10000/],
  ["PREVIEW_SECRET", "hunter2", /expected 16 or more random characters/],
];
test.each(wrong)("%s=%s is refused, without the value", (name, text, expected) => {
  const lines = errors({ [name]: text });
  expect(lines).toEqual([expect.stringMatching(`^${name}: `)]);
  expect(lines).toEqual([expect.stringMatching(expected)]);
  expect(lines.join()).not.toContain("hunter"); // it may be a secret
});

test("all wrong settings are reported at once", () => {
  const env = Object.fromEntries(wrong.map(([name, text]) => [name, text]));
  expect(names(errors(env))).toEqual(Object.keys(env).sort());
});

test.each([
  ["SITE_URL", "http://site.localhost:3000"],
  ["DATABASE_URL", "postgres://site@db.dk/website?sslmode=verify-full"],
  ["DATABASE_URL", "postgres://site@localhost/website"],
  ["DATABASE_URL", "postgres://site@dpg-c0ffee-a/website"],
  ["DATABASE_URL", "postgres://site@db.internal/website"],
  ["DATABASE_URL", "postgres://site@db.flycast/website?sslmode=disable"],
  ["DATABASE_URL", "postgres://site@db.dk/website?sslmode=require"],
  ["DATABASE_URL", "postgres:///website?host=/run/postgresql"],
])("%s=%s is allowed", (name, text) => {
  expect(errors({ [name]: text })).toEqual([]);
});

test("the environment precedes .env, which may have no ignored line", async () => {
  const { dir } = await temporaryFolder();
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
});

test("production is read", () => {
  const env = {
    SITE_URL: "https://CleanSystems.dk:443/",
    MAIL_FROM: "Clean Systems website <site@cleansystems.dk>",
    MAIL_TO: "projects@cleansystems.dk, Staff <staff@cleansystems.dk>",
  };
  expect(parseConfig({ ...productionEnv, ...env })).toMatchObject({
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

  test("an example value", () => {
    const examples = {
      SITE_URL: "https://cleansystems.example",
      SMTP_URL: "smtp://user:password@mail.example.org:587",
      MAIL_FROM: "site@cleansystems.example",
      MAIL_TO: "projects@cleansystems.dk, staff@example.com",
      BACKUP_TO: "rsync -a . backup@example.com:website",
      CONTACT_EMAIL: "hello@cleansystems.example",
      ALERT_WEBHOOK_URL: "https://alerts.example.com/hook",
    };
    const lines = errors({ ...productionEnv, ...examples });
    expect(names(lines)).toEqual(Object.keys(examples).sort());
    for (const line of lines) expect(line).toContain(": production refuses example values");
  });

  test("no path that only has the word example in it", () => {
    const paths = { DATA_DIR: "/srv/example", BACKUP_TO: "rsync -a ./ nas:/backups/example/" };
    expect(errors({ ...productionEnv, ...paths })).toEqual([]);
  });

  test("npm run dev, which shows drafts", () => {
    expect(() => parseConfig(productionEnv, { development: true })).toThrow(/`npm start`/);
  });

  test("plain http", () => {
    expect(errors({ ...productionEnv, SITE_URL: "http://cleansystems.dk" })).toEqual([
      "SITE_URL: production requires https",
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
