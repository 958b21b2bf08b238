// The settings of the site: one Zod object, and what production requires besides. `.env.example`
// describes the same names. src/cli/command.ts reads the environment and .env.

import path from "node:path";
import { z } from "zod";
import { isEmailAddress } from "./inquiries/email-address.ts";
import { minRetentionDays } from "./inquiries/progress.ts";
import { OperatorError } from "./operator-error.ts";

const projectDir = path.resolve(import.meta.dirname, "..");

const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const trueOrFalse = z.stringbool({ truthy: ["true"], falsy: ["false"] });
const folder = z.string().transform((text) => path.resolve(projectDir, text));
const commaSeparated = z.string().transform((text) => text.split(",").map((part) => part.trim()));
const phoneNumber = z.string().regex(/^\+?[\d ()-]{5,24}$/);

/** The schemas of URLs and email addresses. Production refuses example values of each. */
const addresses = new Set<z.ZodType>();
function address<Schema extends z.ZodType>(schema: Schema): Schema {
  addresses.add(schema);
  return schema;
}
const emailAddress = address(z.string().refine(isEmailAddress));

/** "Site <a@b.dk>" or "a@b.dk" */
const nameAndAddress = z.string().transform((text) => {
  const [, name = "", address = text] = /^"?([^"<>,]*?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
  return { name, address };
});
const mailbox = address(nameAndAddress.pipe(z.object({ name: z.string(), address: emailAddress })));
/** Nodemailer names an address once, and a refused one is reported by its position. */
const mailboxes = address(
  commaSeparated
    .pipe(z.array(mailbox))
    .refine((all) => new Set(all.map((one) => one.address.toLowerCase())).size === all.length),
);

/** A URL for which `isAllowed` is true. Its login must be percent-encoded. */
const url = (protocol: RegExp, isAllowed: (url: URL) => boolean) =>
  address(
    z.url({ protocol, abort: true }).refine((text) => {
      const parsed = new URL(text);
      return !/%(?![\da-f]{2})/i.test(parsed.username + parsed.password) && isAllowed(parsed);
    }),
  );
const hasNoLogin = ({ username, password }: URL) => username + password === "";
const isOrigin = (parsed: URL) => parsed.href === `${parsed.origin}/`;
const isMailServer = ({ hostname, pathname, search, hash }: URL) =>
  hostname !== "" && (pathname + search + hash).length <= 1;
const isDatabase = ({ hostname, pathname, searchParams }: URL) =>
  pathname.length > 1 && Boolean(hostname || searchParams.get("host"));

const thisMachine = /^(|\/.*|localhost|127[.\d]+|\[::1\])$/;
const privateHost =
  /^(localhost|.+\.localhost|.+\.local|\[::1\]|(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))[.\d]+)$/;
const networkNames = z.enum(["loopback", "linklocal", "uniquelocal"]);
const network = z.union([networkNames, z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
const networks = commaSeparated.pipe(z.array(network.refine((text) => !text.endsWith("/0"))));
const hopCount = z
  .string()
  .regex(/^[1-9]$/)
  .transform(Number);
const trustProxy = z.union([
  z.literal("false").transform(() => false as const),
  hopCount,
  networks,
]);

/** What a message says of a setting: `expected` completes the sentence "expected …". */
const about = new Map<z.ZodType, { expected: string; isAddress: boolean }>();
type FromText = z.ZodType<unknown, string>;
/** A setting that may be missing. */
function optional<Schema extends FromText>(schema: Schema, expected: string) {
  const row = schema.optional();
  about.set(row, { expected, isAddress: addresses.has(schema) });
  return row;
}
/** A setting that has a default, which is written as in .env. */
function setting<Schema extends FromText>(schema: Schema, byDefault: string, expected: string) {
  const row = z.string().default(byDefault).pipe(schema);
  about.set(row, { expected, isAddress: addresses.has(schema) });
  return row;
}

const schema = z.object({
  NODE_ENV: optional(
    z.enum(["production", "development", "test"]),
    "production, development, test or nothing",
  ),
  PORT: setting(wholeNumber(0, 65_535), "3000", "a port, 0 to 65535 (0: any free port)"),
  HOST: setting(z.string(), "localhost", "a host name or an IP address to listen on"),
  SITE_URL: optional(
    url(/^https?$/, isOrigin),
    "the site's public origin without a path, like https://cleansystems.dk",
  ),
  DATA_DIR: setting(folder, "data", "a folder"),
  DATABASE_URL: optional(
    url(/^postgres(ql)?$/, isDatabase),
    "a URL like postgres://user:password@localhost/website, the password percent-encoded",
  ),
  ARTICLES_DIR: setting(folder, "articles", "a folder"),
  SMTP_URL: optional(
    url(/^smtps?$/, isMailServer),
    "a URL like smtp://user:password@mail.example.org:587 or smtps://…, the password percent-encoded",
  ),
  SMTP_REQUIRE_TLS: setting(trueOrFalse, "true", "true or false"),
  MAIL_FROM: setting(
    mailbox,
    "Clean Systems website <site@cleansystems.example>",
    "one address, like Clean Systems <site@cleansystems.dk>, no comma in the name",
  ),
  MAIL_TO: setting(
    mailboxes,
    "projects@cleansystems.example",
    "one or more addresses, separated by commas, each of them once",
  ),
  CONTACT_EMAIL: setting(emailAddress, "hello@cleansystems.example", "an email address"),
  CONTACT_PHONE: optional(phoneNumber, "a phone number, like +45 12 34 56 78"),
  TRUST_PROXY: setting(
    trustProxy,
    "false",
    "false, the number of proxies in front (1 to 9), or addresses like 10.0.0.0/8; true can be forged and is refused",
  ),
  INQUIRIES_PER_10_MINUTES: setting(
    wholeNumber(0, 10_000),
    "5",
    "a number of inquiries, 0 for no limit",
  ),
  INQUIRIES_PER_HOUR_TOTAL: setting(
    wholeNumber(0, 100_000),
    "200",
    "a number of inquiries, 0 for no limit",
  ),
  RETENTION_DAYS: setting(wholeNumber(1, 3_650), "30", "a number of days, 1 to 3650"),
  PREVIEW_SECRET: optional(
    z.string().min(16),
    "16 or more random characters, for example from: openssl rand -hex 16",
  ),
  REPLY_WITHIN_WORKING_DAYS: optional(wholeNumber(1, 30), "a number of working days, 1 to 30"),
  // fetch() refuses a URL with a login, and its message quotes it.
  ALERT_WEBHOOK_URL: optional(url(/^https?$/, hasNoLogin), "an http or https URL without a login"),
  BACKUP_TO: optional(z.string(), "a shell command"),
  LOG_LEVEL: setting(
    z.enum(["debug", "info", "warn", "error"]),
    "info",
    "debug, info, warn or error",
  ),
});

type Name = keyof typeof schema.shape;
const names = Object.keys(schema.shape) as Name[];
export const settingNames: string[] = names;

/** Messages do not repeat the values of these settings. */
const secrets: Name[] = [
  "DATABASE_URL",
  "SMTP_URL",
  "ALERT_WEBHOOK_URL",
  "PREVIEW_SECRET",
  "BACKUP_TO",
];
const required: Name[] = ["SITE_URL", "SMTP_URL", "MAIL_FROM", "MAIL_TO", "CONTACT_EMAIL"];
/** A host name that RFC 2606 reserves for examples, alone or in a URL or an email address. */
const exampleHost = /(^|[@./])example(\.(com|net|org))?\s*($|[:/>,?])/i;

type Texts = { [name in Name]?: string | undefined };
type Problem = { name: Name; message: string };
const aboutSetting = (name: Name) => about.get(schema.shape[name]);
const expected = (name: Name) => `expected ${aboutSetting(name)?.expected}`;

/** Returns in how many working days a reply is promised if nothing is set. */
const defaultReplyDays = (nodeEnv: string | undefined) =>
  nodeEnv === "production" ? undefined : 1;

/** Returns what is wrong with values that the schema accepts one by one. */
function combinedProblems(texts: Texts, development: boolean): Problem[] {
  const problems: Problem[] = [];
  const add = (isWrong: boolean, name: Name, message: string): void => {
    if (isWrong) problems.push({ name, message });
  };
  const database = URL.parse(texts.DATABASE_URL ?? "");
  const parameter = (name: string) => database?.searchParams.getAll(name).at(-1); // as pg reads it
  const isElsewhere = !thisMachine.test(parameter("host") ?? database?.hostname ?? "");
  const isVerified = parameter("sslmode") === "verify-full";
  add(isElsewhere && !isVerified, "DATABASE_URL", "another machine requires ?sslmode=verify-full");
  const { REPLY_WITHIN_WORKING_DAYS: reply, RETENTION_DAYS: retention } = schema.shape;
  const replyDays =
    reply.safeParse(texts.REPLY_WITHIN_WORKING_DAYS).data ?? defaultReplyDays(texts.NODE_ENV);
  const minDays = minRetentionDays(replyDays);
  add(
    Number(texts.RETENTION_DAYS ?? retention.parse(undefined)) < minDays,
    "RETENTION_DAYS",
    `expected at least ${minDays}: seven days, and twice the reply time in days with weekends`,
  );
  const site = URL.parse(texts.SITE_URL ?? "");
  if (texts.NODE_ENV !== "production") {
    const isPublic = site !== null && !privateHost.test(site.hostname);
    const advice = "a public address requires NODE_ENV=production, which refuses example values";
    add(isPublic, "SITE_URL", advice);
    return problems;
  }
  add(development, "NODE_ENV", "`npm run dev` shows drafts; start production with `npm start`");
  add(site?.protocol === "http:", "SITE_URL", "production requires https");
  for (const name of required)
    add(texts[name] === undefined, name, `required in production, ${expected(name)}`);
  for (const name of names.filter((one) => aboutSetting(one)?.isAddress))
    add(exampleHost.test(texts[name] ?? ""), name, "production refuses example values");
  return problems;
}

/** Returns the command that a person types, for example for "inquiries list". */
const commandOnServer = (words: string) => `site ${words}`;
const commandInCheckout = (words: string) => `npm run ${words.replace(" ", " -- ")}`;

/** A valid configuration. Paths are absolute, and `siteUrl` has no trailing slash. */
export type Config = ReturnType<typeof createConfig>;

/**
 * Returns the configuration that `env` describes. An empty value counts as unset. `problemsInFile`
 * says what is wrong with .env itself. `development` is true for `npm run dev`. Throws an
 * OperatorError that lists every problem.
 */
export function parseConfig(
  env: NodeJS.ProcessEnv,
  { development = false, problemsInFile = [] as string[] } = {},
): Config {
  const texts: Texts = {};
  for (const name of names) texts[name] = env[name]?.trim() || undefined;
  const result = schema.safeParse(texts);
  const invalid = new Set(result.error?.issues.map(({ path: [name] }) => name as Name));
  const problems = [
    ...[...invalid].map((name) => ({ name, message: expected(name) })),
    ...combinedProblems(texts, development).filter(({ name }) => !invalid.has(name)),
  ];
  const lines = [...problemsInFile];
  for (const { name, message } of problems) {
    const isShown = texts[name] !== undefined && !secrets.includes(name);
    lines.push(`${name}${isShown ? `="${texts[name]}"` : ""}: ${message}`);
  }
  if (result.success && lines.length === 0) return createConfig(result.data, development);
  const count = lines.length === 1 ? "One setting is" : `${lines.length} settings are`;
  throw new OperatorError([`${count} wrong (.env.example describes each):`, ...lines].join("\n  "));
}

function createConfig(settings: z.output<typeof schema>, development: boolean) {
  const production = settings.NODE_ENV === "production";
  return {
    port: settings.PORT,
    host: settings.HOST,
    dataDir: settings.DATA_DIR,
    articlesDir: settings.ARTICLES_DIR,
    smtpUrl: settings.SMTP_URL,
    smtpRequireTls: settings.SMTP_REQUIRE_TLS,
    mailFrom: settings.MAIL_FROM,
    mailTo: settings.MAIL_TO,
    contactEmail: settings.CONTACT_EMAIL,
    contactPhone: settings.CONTACT_PHONE,
    backupTo: settings.BACKUP_TO,
    trustProxy: settings.TRUST_PROXY,
    inquiriesPer10Minutes: settings.INQUIRIES_PER_10_MINUTES,
    inquiriesPerHourTotal: settings.INQUIRIES_PER_HOUR_TOTAL,
    retentionDays: settings.RETENTION_DAYS,
    previewSecret: settings.PREVIEW_SECRET,
    alertWebhookUrl: settings.ALERT_WEBHOOK_URL,
    logLevel: settings.LOG_LEVEL,
    production,
    /** Only `npm run dev` sets this: drafts are shown and marked. */
    development,
    siteUrl: settings.SITE_URL
      ? new URL(settings.SITE_URL).origin
      : `http://localhost:${settings.PORT}`,
    /** In production it is the command of docs/going-live/site. */
    command: production ? commandOnServer : commandInCheckout,
    mailDir: path.join(settings.DATA_DIR, "mail"),
    storeSettings: {
      file: path.join(settings.DATA_DIR, "inquiries.db"),
      databaseUrl: settings.DATABASE_URL,
      messageIdDomain: settings.MAIL_FROM.address.split("@")[1] ?? "localhost",
    },
    /** Undefined: no reply time is promised. */
    replyWithinWorkingDays:
      settings.REPLY_WITHIN_WORKING_DAYS ?? defaultReplyDays(settings.NODE_ENV),
  };
}
