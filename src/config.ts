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
const emailAddress = z.string().refine(isEmailAddress);

/** "Site <a@b.dk>" or "a@b.dk" */
const nameAndAddress = z.string().transform((text) => {
  const [, name = "", address = text] = /^"?([^"<>,]*?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
  return { name, address };
});
const mailbox = nameAndAddress.pipe(z.object({ name: z.string(), address: emailAddress }));
/** Nodemailer names an address once, and a refused one is reported by its position. */
const mailboxes = commaSeparated
  .pipe(z.array(mailbox))
  .refine((all) => new Set(all.map(({ address }) => address.toLowerCase())).size === all.length);

/** A URL for which `isAllowed` is true. Its login must be percent-encoded. */
const url = (protocol: RegExp, isAllowed: (url: URL) => boolean) =>
  z.url({ protocol, abort: true }).refine((text) => {
    const parsed = new URL(text);
    return !/%(?![\da-f]{2})/i.test(parsed.username + parsed.password) && isAllowed(parsed);
  });
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

type FromText = z.ZodType<unknown, string>;
/** A setting that may be missing. `expected` completes the sentence "expected …" in a message. */
const optional = <Schema extends FromText>(schema: Schema, expected: string) =>
  schema.optional().describe(expected);
/** A setting that has a default, which is written as in .env. */
const setting = <Schema extends FromText>(schema: Schema, byDefault: string, expected: string) =>
  z.string().default(byDefault).pipe(schema).describe(expected);

const schema = z.object({
  nodeEnv: optional(
    z.enum(["production", "development", "test"]),
    "production, development, test or nothing",
  ),
  port: setting(wholeNumber(0, 65_535), "3000", "a port, 0 to 65535 (0: any free port)"),
  host: setting(z.string(), "localhost", "a host name or an IP address to listen on"),
  siteUrl: optional(
    url(/^https?$/, isOrigin),
    "the site's public origin without a path, like https://cleansystems.dk",
  ),
  dataDir: setting(folder, "data", "a folder"),
  databaseUrl: optional(
    url(/^postgres(ql)?$/, isDatabase),
    "a URL like postgres://user:password@localhost/website, the password percent-encoded",
  ),
  articlesDir: setting(folder, "articles", "a folder"),
  smtpUrl: optional(
    url(/^smtps?$/, isMailServer),
    "a URL like smtp://user:password@mail.example.org:587 or smtps://…, the password percent-encoded",
  ),
  smtpRequireTls: setting(trueOrFalse, "true", "true or false"),
  mailFrom: setting(
    mailbox,
    "Clean Systems website <site@cleansystems.example>",
    "one address, like Clean Systems <site@cleansystems.dk>, no comma in the name",
  ),
  mailTo: setting(
    mailboxes,
    "projects@cleansystems.example",
    "one or more addresses, separated by commas, each of them once",
  ),
  contactEmail: setting(emailAddress, "hello@cleansystems.example", "an email address"),
  contactPhone: optional(phoneNumber, "a phone number, like +45 12 34 56 78"),
  trustProxy: setting(
    trustProxy,
    "false",
    "false, the number of proxies in front (1 to 9), or addresses like 10.0.0.0/8; true can be forged and is refused",
  ),
  inquiriesPer10Minutes: setting(
    wholeNumber(0, 10_000),
    "5",
    "a number of inquiries, 0 for no limit",
  ),
  inquiriesPerHourTotal: setting(
    wholeNumber(0, 100_000),
    "200",
    "a number of inquiries, 0 for no limit",
  ),
  retentionDays: setting(wholeNumber(1, 3_650), "30", "a number of days, 1 to 3650"),
  previewSecret: optional(
    z.string().min(16),
    "16 or more random characters, for example from: openssl rand -hex 16",
  ),
  replyWithinWorkingDays: optional(wholeNumber(1, 30), "a number of working days, 1 to 30"),
  // fetch() refuses a URL with a login, and its message quotes it.
  alertWebhookUrl: optional(url(/^https?$/, hasNoLogin), "an http or https URL without a login"),
  logLevel: setting(
    z.enum(["debug", "info", "warn", "error"]),
    "info",
    "debug, info, warn or error",
  ),
});

type Key = keyof typeof schema.shape;
const keys = Object.keys(schema.shape) as Key[];
/** Returns the name of a setting in the environment: `siteUrl` is SITE_URL. */
const nameOf = (key: Key): string => key.replace(/[A-Z]|\d+/g, "_$&").toUpperCase();
export const settingNames = keys.map(nameOf);

/** Messages do not repeat the values of these settings. */
const secrets: Key[] = ["databaseUrl", "smtpUrl", "alertWebhookUrl", "previewSecret"];
const required: Key[] = ["siteUrl", "smtpUrl", "mailFrom", "mailTo", "contactEmail"];
/** A host name that RFC 2606 reserves for examples, alone or in a URL or an email address. */
const exampleHost = /(^|[@./])example(\.(com|net|org))?\s*($|[:/>,?])/i;

type Texts = { [key in Key]?: string | undefined };
type Problem = { key: Key; message: string };
const expected = (key: Key) => `expected ${schema.shape[key].description}`;

/** Returns in how many working days a reply is promised if nothing is set. */
const defaultReplyDays = (nodeEnv: string | undefined) =>
  nodeEnv === "production" ? undefined : 1;

/** Returns what is wrong with values that the schema accepts one by one. */
function combinedProblems(texts: Texts, development: boolean): Problem[] {
  const problems: Problem[] = [];
  const add = (isWrong: boolean, key: Key, message: string): void => {
    if (isWrong) problems.push({ key, message });
  };
  const database = URL.parse(texts.databaseUrl ?? "");
  const parameter = (name: string) => database?.searchParams.getAll(name).at(-1); // as pg reads it
  const isElsewhere = !thisMachine.test(parameter("host") ?? database?.hostname ?? "");
  const isVerified = parameter("sslmode") === "verify-full";
  add(isElsewhere && !isVerified, "databaseUrl", "another machine requires ?sslmode=verify-full");
  const { replyWithinWorkingDays: reply, retentionDays: retention } = schema.shape;
  const replyDays =
    reply.safeParse(texts.replyWithinWorkingDays).data ?? defaultReplyDays(texts.nodeEnv);
  const minDays = minRetentionDays(replyDays);
  add(
    Number(texts.retentionDays ?? retention.parse(undefined)) < minDays,
    "retentionDays",
    `expected at least ${minDays}: seven days, and twice the reply time in days with weekends`,
  );
  const site = URL.parse(texts.siteUrl ?? "");
  if (texts.nodeEnv !== "production") {
    const isPublic = site !== null && !privateHost.test(site.hostname);
    const advice = "a public address requires NODE_ENV=production, which refuses example values";
    add(isPublic, "siteUrl", advice);
    return problems;
  }
  add(development, "nodeEnv", "`npm run dev` shows drafts; start production with `npm start`");
  add(site?.protocol === "http:", "siteUrl", "production requires https");
  for (const key of required)
    add(texts[key] === undefined, key, `required in production, ${expected(key)}`);
  for (const key of [...required, "alertWebhookUrl"] as const)
    add(exampleHost.test(texts[key] ?? ""), key, "production refuses example values");
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
  for (const key of keys) texts[key] = env[nameOf(key)]?.trim() || undefined;
  const result = schema.safeParse(texts);
  const invalid = new Set(result.error?.issues.map(({ path: [key] }) => key as Key));
  const problems = [
    ...[...invalid].map((key) => ({ key, message: expected(key) })),
    ...combinedProblems(texts, development).filter(({ key }) => !invalid.has(key)),
  ];
  const lines = [...problemsInFile];
  for (const { key, message } of problems) {
    const isShown = texts[key] !== undefined && !secrets.includes(key);
    lines.push(`${nameOf(key)}${isShown ? `="${texts[key]}"` : ""}: ${message}`);
  }
  if (result.success && lines.length === 0) return createConfig(result.data, development);
  const count = lines.length === 1 ? "One setting is" : `${lines.length} settings are`;
  throw new OperatorError([`${count} wrong (.env.example describes each):`, ...lines].join("\n  "));
}

function createConfig(settings: z.output<typeof schema>, development: boolean) {
  const { nodeEnv, siteUrl, replyWithinWorkingDays, ...others } = settings;
  const production = nodeEnv === "production";
  return {
    ...others,
    production,
    /** Only `npm run dev` sets this: drafts are shown and marked. */
    development,
    siteUrl: siteUrl ? new URL(siteUrl).origin : `http://localhost:${others.port}`,
    /** In production it is the command of docs/going-live/site. */
    command: production ? commandOnServer : commandInCheckout,
    mailDir: path.join(others.dataDir, "mail"),
    /** Undefined: no reply time is promised. */
    replyWithinWorkingDays: replyWithinWorkingDays ?? defaultReplyDays(nodeEnv),
  };
}
