// What the environment may say. Every setting is checked here, all wrong ones are reported at once, and no other file reads process.env.
// `.env.example` documents the same names; a test holds the two together.

import path from "node:path";
import { z } from "zod";
import { isEmailAddress } from "./inquiries/email-address.ts";
import type { Address } from "./inquiries/inquiry-mail.ts";

const projectDir = path.resolve(import.meta.dirname, "..");

/** All that is wrong with the settings, one line each; the message is meant for the person who starts the site. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

type Check<Value> = (text: string) => Value | undefined;

const oneOf =
  <Word extends string>(...words: Word[]): Check<Word> =>
  (text) =>
    words.find((word) => word === text);

const wholeNumber =
  (from: number, to: number): Check<number> =>
  (text) =>
    /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : undefined;

const anything: Check<string> = (text) => text;

// A setting is a check, which answers the value or nothing, and a sentence that says what would be right.
const settings = {
  NODE_ENV: [oneOf("production", "development", "test"), "production, development, test or nothing"],
  PORT: [wholeNumber(0, 65_535), "a port, 0 to 65535 (0 takes any free one)"],
  HOST: [anything, "a host name or an IP address to listen on"],
  SITE_URL: [origin, "the site's public origin and nothing behind it, like https://cleansystems.dk"],
  DATA_DIR: [anything, "a folder"],
  ARTICLES_DIR: [anything, "a folder"],
  DATABASE_URL: [databaseUrl, "an address like postgres://user:password@db.example.org/website, with the password percent-encoded"],
  DATABASE_REQUIRE_TLS: [oneOf("true", "false"), "true or false"],
  MAIL_DIR: [anything, "a folder"],
  SMTP_URL: [smtpUrl, "an address like smtp://user:password@mail.example.org:587 or smtps://…, with the password percent-encoded"],
  SMTP_REQUIRE_TLS: [oneOf("true", "false"), "true or false"],
  MAIL_FROM: [
    (text: string) => (text.includes(",") ? undefined : mailboxes(text)),
    "one address, like Clean Systems website <site@cleansystems.dk>, without a comma in the name",
  ],
  MAIL_TO: [mailboxes, "one or more addresses, separated by commas"],
  CONTACT_EMAIL: [(text: string) => (isEmailAddress(text) ? text : undefined), "an e-mail address"],
  CONTACT_PHONE: [(text: string) => /^\+?[\d ()-]{5,24}$/.exec(text)?.[0], "a phone number, like +45 12 34 56 78"],
  TRUST_PROXY: [proxies, "false, a number of proxies in front (1 to 9), or addresses like 10.0.0.0/8; true can be forged and is refused"],
  INQUIRIES_PER_10_MINUTES: [wholeNumber(0, 10_000), "a number of inquiries, 0 for no limit"],
  INQUIRIES_PER_HOUR_TOTAL: [wholeNumber(0, 100_000), "a number of inquiries, 0 for no limit"],
  RETENTION_DAYS: [wholeNumber(1, 3_650), "a number of days, 1 to 3650"],
  QUARANTINE_DAYS: [wholeNumber(1, 3_650), "a number of days, 1 to 3650"],
  REPLY_WITHIN_WORKING_DAYS: [wholeNumber(1, 30), "a number of working days, 1 to 30"],
  PREVIEW_SECRET: [
    (text: string) => (text.length >= 16 ? text : undefined),
    "16 characters or more that nobody can guess, for instance from: openssl rand -hex 16",
  ],
  ALERT_WEBHOOK_URL: [(text: string) => (/^https?:/i.test(text) && URL.canParse(text) ? text : undefined), "an http or https address"],
  LOG_LEVEL: [oneOf("debug", "info", "warn", "error"), "debug, info, warn or error"],
} satisfies Record<string, [Check<unknown>, string]>;

/** Not repeated in messages. */
const secret = ["DATABASE_URL", "SMTP_URL", "ALERT_WEBHOOK_URL", "PREVIEW_SECRET"];

export const settingNames = Object.keys(settings);

type Values = { [Name in keyof typeof settings]?: NonNullable<ReturnType<(typeof settings)[Name][0]>> };

/** A checked configuration. Paths are absolute, addresses have been parsed, `siteUrl` has no slash at its end. */
export type Config = ReturnType<typeof configFrom>;

/** Reads the settings. An empty value counts as unset. Throws a SettingsError that names every wrong one and what is expected. */
export function parseConfig(env: Record<string, string | undefined>, { development = false } = {}): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, [check, expected]] of Object.entries(settings)) {
    const text = env[name]?.trim();
    if (!text) continue;
    values[name] = check(text);
    const shown = secret.includes(name) ? "" : `="${text}"`;
    if (values[name] === undefined) problems.push(`${name}${shown}: expected ${expected}`);
  }
  const config = configFrom(values, development);
  if (problems.length === 0) problems.push(...problemsOf(config, env));
  if (problems.length > 0) {
    const count = problems.length === 1 ? "One setting is" : `${problems.length} settings are`;
    throw new SettingsError(`${count} wrong (.env.example describes each):\n${problems.map((p) => `  ${p}`).join("\n")}`);
  }
  return config;
}

function configFrom(values: Values, development: boolean) {
  const production = values.NODE_ENV === "production";
  const port = values.PORT ?? 3000;
  const siteUrl = values.SITE_URL ?? `http://localhost:${port}`;
  const dataDir = path.resolve(projectDir, values.DATA_DIR ?? "data");
  return {
    production,
    /** Only `npm run dev` sets this: drafts are shown, with a mark. */
    development,
    host: values.HOST ?? (production ? undefined : "localhost"),
    port,
    siteUrl,
    dataDir,
    databaseUrl: values.DATABASE_URL,
    /** Nothing said: only for a database on another machine. */
    databaseRequireTls: values.DATABASE_REQUIRE_TLS && values.DATABASE_REQUIRE_TLS === "true",
    articlesDir: path.resolve(projectDir, values.ARTICLES_DIR ?? "articles"),
    mailDir: path.resolve(projectDir, values.MAIL_DIR ?? path.join(dataDir, "mail")),
    smtpUrl: values.SMTP_URL,
    smtpRequireTls: values.SMTP_REQUIRE_TLS !== "false",
    mailFrom: values.MAIL_FROM?.[0] ?? { name: "Clean Systems website", address: "site@cleansystems.example" },
    mailTo: values.MAIL_TO ?? [{ name: "", address: "projects@cleansystems.example" }],
    contactEmail: values.CONTACT_EMAIL ?? "hello@cleansystems.example",
    contactPhone: values.CONTACT_PHONE,
    trustProxy: values.TRUST_PROXY ?? false,
    inquiriesPer10Minutes: values.INQUIRIES_PER_10_MINUTES ?? 5,
    inquiriesPerHourTotal: values.INQUIRIES_PER_HOUR_TOTAL ?? 200,
    retentionDays: values.RETENTION_DAYS ?? 30,
    quarantineDays: values.QUARANTINE_DAYS ?? 30,
    replyWithinWorkingDays: values.REPLY_WITHIN_WORKING_DAYS ?? (production ? undefined : 1),
    previewSecret: values.PREVIEW_SECRET,
    alertWebhookUrl: values.ALERT_WEBHOOK_URL,
    logLevel: values.LOG_LEVEL ?? "info",
  };
}

/** Production is strict: what has a harmless default on a desk has to be said, and example values are refused. */
function problemsOf(config: Config, env: Record<string, string | undefined>): string[] {
  const { hostname, protocol } = new URL(config.siteUrl);
  const local = /^(localhost|.+\.localhost|.+\.local|\[::1\]|127\..+|10\..+|192\.168\..+|172\.(1[6-9]|2\d|3[01])\..+)$/;
  if (!config.production && local.test(hostname)) return [];
  if (!config.production)
    return [`SITE_URL="${config.siteUrl}": a public address wants NODE_ENV=production, which refuses example settings`];
  const problems: string[] = [];
  const hosts = {
    SITE_URL: [hostname],
    SMTP_URL: [new URL(config.smtpUrl ?? "smtp://unset").hostname],
    MAIL_FROM: [config.mailFrom.address],
    MAIL_TO: config.mailTo.map(({ address }) => address),
    CONTACT_EMAIL: [config.contactEmail],
  };
  for (const [name, values] of Object.entries(hosts)) {
    const expected = settings[name as keyof typeof hosts][1];
    if (!env[name]?.trim()) problems.push(`${name}: production needs it; expected ${expected}`);
    else if (values.some((value) => /(^|[@.])example(\.(com|net|org))?$/i.test(value)))
      problems.push(`${name}: this is an example value; expected ${expected}`);
  }
  if (protocol === "http:") problems.push(`SITE_URL="${config.siteUrl}": production is served over https`);
  if (config.development) problems.push("NODE_ENV=production: `npm run dev` shows drafts; production starts with `npm start`");
  return problems;
}

function origin(text: string): string | undefined {
  return /^https?:\/\/[^/?#@\s]+\/?$/i.test(text) ? URL.parse(text)?.origin : undefined;
}

function smtpUrl(text: string): string | undefined {
  if (!/^smtps?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, username, password, pathname, search, hash } = new URL(text);
  return hostname && decodes(username + password) && (pathname + search + hash).length <= 1 ? text : undefined;
}

function databaseUrl(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, searchParams, username, password, pathname } = new URL(text);
  return decodes(username + password) && pathname.length > 1 && (hostname || searchParams.has("host")) ? text : undefined;
}

/** Not where a bare % is an encoding forgotten, or one is not of UTF-8. */
function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** "Site <a@b.dk>, c@d.dk" -> addresses; nothing where one of them is no address. */
function mailboxes(text: string): Address[] | undefined {
  const list = text.split(",").map((part) => {
    const [, name = "", address = ""] = /^\s*(?:"?([^"<>]*?)"?\s*<([^<>]+)>)\s*$/.exec(part) ?? ["", "", part.trim()];
    return { name, address };
  });
  return list.every(({ address }) => isEmailAddress(address)) ? list : undefined;
}

const proxy = z.union([z.enum(["loopback", "linklocal", "uniquelocal"]), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

function proxies(text: string): false | number | string[] | undefined {
  if (text === "false") return false;
  if (/^[1-9]$/.test(text)) return Number(text);
  const list = text.split(",").map((part) => part.trim());
  return list.every((part) => proxy.safeParse(part).success && !part.endsWith("/0")) ? list : undefined;
}
