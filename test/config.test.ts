// The settings: defaults, what is refused with which message, and that .env.example documents the same names.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readConfig } from "../src/cli/environment.ts";
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
function problems(env: Record<string, string>, options?: { development?: boolean }): string[] {
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

describe("with nothing set", () => {
  test("the site listens on this machine only and writes to its own folder", () => {
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

  test("an empty value and spaces count as unset, for every setting", () => {
    const empty = Object.fromEntries(
      settingNames.map((name, index) => [name, index % 2 ? "" : "  "]),
    );
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });
});

describe("a setting", () => {
  test("that is a relative path is resolved from the project's folder, wherever the site is started", () => {
    const here = process.cwd();
    process.chdir("/");
    try {
      expect(parseConfig({ DATA_DIR: "../store", ARTICLES_DIR: "/srv/texts" })).toMatchObject({
        dataDir: path.resolve(projectDir, "../store"),
        mailDir: path.resolve(projectDir, "../store/mail"),
        articlesDir: "/srv/texts",
      });
    } finally {
      process.chdir(here);
    }
  });

  test.each([
    ["false", false],
    ["1", 1],
    ["10.0.0.0/8", ["10.0.0.0/8"]],
    ["loopback, 10.1.2.3 ,fd00::/8", ["loopback", "10.1.2.3", "fd00::/8"]],
  ])("TRUST_PROXY=%s", (text, value) => {
    expect(parseConfig({ TRUST_PROXY: text }).trustProxy).toEqual(value);
  });
});

describe("an invalid value", () => {
  const wrong: [name: string, text: string, expected: RegExp][] = [
    ["NODE_ENV", "prod", /production, development, test or nothing/],
    ["PORT", "65536", /a port, 0 to 65535/],
    ["PORT", "3e3", /a port/],
    ["SITE_URL", "localhost:3000", /the site's public origin/],
    ["SITE_URL", "http://localhost:3000/blog", /without a path/],
    ["SITE_URL", "http://me@localhost:3000", /origin/],
    ["SMTP_REQUIRE_TLS", "yes", /true or false/],
    ["MAIL_FROM", "Clean Systems", /one address/],
    ["MAIL_FROM", "a@cleansystems.dk, b@cleansystems.dk", /one address/],
    ["MAIL_TO", "projects@cleansystems.dk, staff", /one or more addresses/],
    ["CONTACT_EMAIL", "hello", /an email address/],
    ["CONTACT_PHONE", "call us", /a phone number/],
    ["TRUST_PROXY", "true", /true can be forged and is refused/],
    ["TRUST_PROXY", "0", /number of proxies in front/],
    ["INQUIRIES_PER_10_MINUTES", "-1", /a number of inquiries, 0 for no limit/],
    ["INQUIRIES_PER_10_MINUTES", "five", /a number of inquiries/],
    ["INQUIRIES_PER_HOUR_TOTAL", "1.5", /a number of inquiries, 0 for no limit/],
    ["RETENTION_DAYS", "0", /1 to 3650/],
    ["RETENTION_DAYS", "thirty", /a number of days/],
    ["REPLY_WITHIN_WORKING_DAYS", "31", /1 to 30/],
    ["LOG_LEVEL", "loud", /debug, info, warn or error/],
  ];

  test.each(wrong)("%s=%s is reported with what is expected", (name, text, expected) => {
    expect(problems({ [name]: text })).toEqual([expect.stringMatching(expected)]);
    expect(problems({ [name]: text })[0]).toMatch(`${name}="${text}": expected `);
  });

  test("is reported together with all others", () => {
    const env = {
      SMTP_URL: "http://mail.dk",
      ...Object.fromEntries(wrong.map(([name, text]) => [name, text])),
    };
    expect(names(problems(env))).toEqual(Object.keys(env).sort());
  });

  test("is reported together with the settings that production requires", () => {
    const lines = problems({ NODE_ENV: "production", PORT: "abc" });
    expect(names(lines)).toEqual([
      "CONTACT_EMAIL",
      "MAIL_FROM",
      "MAIL_TO",
      "PORT",
      "SITE_URL",
      "SMTP_URL",
    ]);
  });

  test.each(["http://site:hunter2@mail.dk", "smtp://site:hunter2%zz@mail.dk", "smtp:///hunter2"])(
    "of SMTP_URL is not repeated, because it holds a password: %s",
    (SMTP_URL) => {
      expect(problems({ SMTP_URL })).toEqual([
        expect.stringMatching(/^SMTP_URL: expected a URL like smtp:/),
      ]);
      expect(problems({ ...production, SMTP_URL }).join()).not.toContain("hunter2");
    },
  );

  test.each([
    "alerts.cleansystems.dk/hunter2",
    "ftp://alerts.cleansystems.dk/hunter2",
    "https://",
    "https://site:hunter2@alerts.cleansystems.dk/",
  ])("of ALERT_WEBHOOK_URL is not repeated, because it may hold a key: %s", (ALERT_WEBHOOK_URL) => {
    const expected = "ALERT_WEBHOOK_URL: expected an http or https URL without a login";
    expect(problems({ ALERT_WEBHOOK_URL })).toEqual([expected]);
  });

  test.each([
    ["PREVIEW_SECRET", "hunter2"],
    ["DATABASE_URL", "postgres://site:hunter2@db.dk"],
  ])("of %s is not repeated", (name, value) => {
    const lines = problems({ [name]: value });
    expect(lines).toEqual([expect.stringMatching(`^${name}: expected `)]);
    expect(lines.join()).not.toContain("hunter2");
  });

  test.each(["https://cleansystems.dk", "https://192.168.cleansystems.dk"])(
    "is a public SITE_URL without NODE_ENV=production, because the other settings could be examples: %s",
    (SITE_URL) => {
      expect(problems({ SITE_URL })).toEqual([expect.stringMatching(/NODE_ENV=production/)]);
    },
  );

  test.each([
    "http://localhost:3000",
    "http://[::1]:3000",
    "http://192.168.1.4",
    "http://mac.local",
  ])("is not SITE_URL=%s, which is local", (SITE_URL) =>
    expect(problems({ SITE_URL })).toEqual([]),
  );
});

test.each([
  ["SMTP_URL", "mail.dk"],
  ["SMTP_URL", "smtp://user:pa#ss@mail.dk"],
  ["SMTP_URL", "smtp://user:pa%ss@mail.dk"],
  ["TRUST_PROXY", "a"],
  ["TRUST_PROXY", "1.1"],
  ["TRUST_PROXY", "10.0.0.0/33"],
  ["TRUST_PROXY", "0.0.0.0/0"],
  ["SITE_URL", "https://cleansystems.dk/path"],
])("%s=%s is refused", (name, value) => {
  expect(problems({ [name]: value })).toEqual([expect.stringMatching(`^${name}`)]);
});

test.each([
  ["postgres://site@db.dk/website", false],
  ["postgres://site@db.dk/website?sslmode=require", false],
  ["postgres://site@10.0.0.7/website", false],
  ["postgres:///website?host=db.dk", false],
  ["postgres://site@db.dk/website?sslmode=verify-full", true],
  ["postgres://site@localhost/website", true],
  ["postgres://site@127.0.0.1:5433/website", true],
  ["postgres:///website?host=/run/postgresql", true],
])("DATABASE_URL=%s is allowed, because it verifies another machine: %s", (url, isAllowed) => {
  const expected = "DATABASE_URL: another machine requires ?sslmode=verify-full";
  expect(problems({ DATABASE_URL: url })).toEqual(isAllowed ? [] : [expected]);
});

test("a setting of the environment has precedence over .env, where every line that would be ignored is refused", async () => {
  const { dir, remove } = await temporaryFolder();
  writeFileSync(path.join(dir, ".env"), "CONTACT_PHONE=+45 11 11 11 11\nRETENTION_DAYS=12\n");
  expect(readConfig({ CONTACT_PHONE: "+45 22 22 22 22" }, false, dir)).toMatchObject({
    contactPhone: "+45 22 22 22 22",
    retentionDays: 12,
  });
  const wrong =
    "# Days\n\nRETENTION_DAY=12\nNODE_OPTIONS=--trace-warnings\nHOST localhost\nPORT=abc\n";
  writeFileSync(path.join(dir, ".env"), wrong);
  expect(() => readConfig({}, false, dir)).toThrow(
    /line 5 of \.env: expected NAME=value\n +RETENTION_DAY: unknown name in \.env\n +PORT="abc": .*$/,
  );
  await remove();
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
    const lines = problems({ NODE_ENV: "production" });
    expect(names(lines)).toEqual(["CONTACT_EMAIL", "MAIL_FROM", "MAIL_TO", "SITE_URL", "SMTP_URL"]);
    expect(lines).toContain("CONTACT_EMAIL: required in production, expected an email address");
  });

  test.each([
    ["SITE_URL", "https://cleansystems.example"],
    ["SMTP_URL", "smtp://user:password@mail.example.org:587"],
    ["MAIL_FROM", "site@cleansystems.example"],
    ["MAIL_TO", "projects@cleansystems.dk, staff@example.com"],
    ["CONTACT_EMAIL", "hello@cleansystems.example"],
    ["ALERT_WEBHOOK_URL", "https://alerts.example.com/hook"],
  ])("an example value as %s", (name, value) => {
    const lines = problems({ ...production, [name]: value });
    expect(lines).toEqual([expect.stringMatching(`^${name}.*: production refuses example values`)]);
  });

  test("plain http", () => {
    expect(problems({ ...production, SITE_URL: "http://cleansystems.dk" })).toEqual([
      expect.stringMatching(/https/),
    ]);
  });

  test("to run as `npm run dev`, which shows drafts", () => {
    expect(problems(production, { development: true })).toEqual([
      expect.stringMatching(/npm run dev/),
    ]);
  });
});

/** A valid value of each setting that is not its default. */
const others: Record<string, string> = {
  NODE_ENV: "production",
  PORT: "8080",
  HOST: "0.0.0.0",
  SITE_URL: "http://localhost:4000",
  DATA_DIR: "other",
  DATABASE_URL: "postgres://localhost/website",
  ARTICLES_DIR: "other",
  SMTP_URL: "smtp://localhost",
  SMTP_REQUIRE_TLS: "false",
  MAIL_FROM: "other@cleansystems.dk",
  MAIL_TO: "other@cleansystems.dk",
  CONTACT_EMAIL: "other@cleansystems.dk",
  CONTACT_PHONE: "+45 12 34 56 78",
  TRUST_PROXY: "1",
  INQUIRIES_PER_10_MINUTES: "1",
  INQUIRIES_PER_HOUR_TOTAL: "1",
  RETENTION_DAYS: "1",
  PREVIEW_SECRET: "0123456789abcdef",
  REPLY_WITHIN_WORKING_DAYS: "2",
  ALERT_WEBHOOK_URL: "https://alerts.cleansystems.dk/hook?key=1",
  LOG_LEVEL: "debug",
};

test.each(settingNames)("%s changes the configuration", (name) => {
  const required = name === "NODE_ENV" ? production : {};
  const changed = parseConfig({ ...required, [name]: others[name] });
  expect(changed).not.toEqual(parseConfig({}));
});

test.each(Object.keys(parseConfig({})))(
  "%s is used outside of src/config.ts and the commands",
  (key) => {
    const files = globSync("src/**/*.ts", { cwd: projectDir });
    const sources = files
      .filter((name) => name !== "src/config.ts" && !name.startsWith("src/cli/"))
      .map((name) => readFileSync(path.join(projectDir, name), "utf8"))
      .map((text) => text.replace(/^\s*(\/\/|\/?\*).*$/gm, ""));
    // `config.key`, or `{ key }` in a parameter or an object; not the `key:` of a type.
    const use = new RegExp(
      `\\.${key}\\b|(?<!\\$)[{,]\\s*${key}(?:: (?!number|string|boolean)\\w+)?(?=\\s*[,}])`,
    );
    expect(sources.some((text) => use.test(text))).toBe(true);
  },
);

describe(".env.example", () => {
  const example = readFileSync(path.join(projectDir, ".env.example"), "utf8");
  const shown = new Map(
    Array.from(example.matchAll(/^#([A-Z][A-Z0-9_]*)=(.*)$/gm), ([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );

  test("contains exactly the settings that exist", () => {
    expect([...shown.keys()].sort()).toEqual([...settingNames].sort());
  });

  test.each([...shown])("%s=%s is the default, or a setting without one", (name, value) => {
    const withoutDefault = ["DATABASE_URL", "SMTP_URL", "CONTACT_PHONE", "ALERT_WEBHOOK_URL"];
    if (withoutDefault.includes(name)) expect(problems({ [name]: value })).toEqual([]);
    else expect(parseConfig({ [name]: value })).toEqual(parseConfig({}));
  });
});
