// The settings of the site, as one Zod object. src/cli/environment.ts reads the environment and .env; this file validates the values.
// `.env.example` documents the same names, and a test compares the two.

import path from "node:path";
import { z } from "zod";
import { isEmailAddress } from "./inquiries/email-address.ts";
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

const webUrl = z.url({ protocol: /^https?$/, abort: true });
/** fetch() rejects a URL with a user name or password, and its error, which is logged, quotes the URL. */
const urlWithoutLogin = webUrl.refine(
  (text) => new URL(text).username + new URL(text).password === "",
);
const siteUrl = webUrl
  .transform((text) => new URL(text))
  .refine((url) => url.href === `${url.origin}/`, { abort: true });
const smtpUrl = urlWithLogin(
  /^smtps?$/,
  (url) => url.hostname !== "" && (url.pathname + url.search + url.hash).length <= 1,
);
const hasDatabase = (url: URL) =>
  url.pathname.length > 1 && Boolean(url.hostname || url.searchParams.get("host"));
const databaseUrl = urlWithLogin(/^postgres(ql)?$/, hasDatabase);

/** A URL whose user name and password are percent-encoded UTF-8. */
function urlWithLogin(protocol: RegExp, isComplete: (url: URL) => boolean) {
  return z.url({ protocol, abort: true }).refine((text) => {
    const url = new URL(text);
    try {
      decodeURIComponent(url.username + url.password);
    } catch {
      return false;
    }
    return isComplete(url);
  });
}

const network = z.union([
  z.enum(["loopback", "linklocal", "uniquelocal"]),
  z.ipv4(),
  z.ipv6(),
  z.cidrv4(),
  z.cidrv6(),
]);
const networks = commaSeparated.pipe(z.array(network.refine((text) => !text.endsWith("/0"))));
const hopCount = z.string().regex(/^[1-9]$/);
const trustProxy = z.union([
  z.literal("false").transform(() => false as const),
  hopCount.transform(Number),
  networks,
]);

const privateHost =
  /^(localhost|.+\.localhost|.+\.local|\[::1\]|(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))[.\d]+)$/;
/** A host name that RFC 2606 reserves for examples, alone or in a URL or an email address. */
const exampleHost = /(^|[@./])example(\.(com|net|org))?\s*($|[:/>,?])/i;

/** Returns the schema. The description of a setting completes the sentence "expected …". */
export function createSchema(production: boolean, development: boolean) {
  const noExample = z
    .string()
    .refine((text) => !exampleHost.test(text), "production refuses example values");
  const requiredInProduction = <Schema extends z.ZodType<unknown, string>>(schema: Schema) =>
    production ? noExample.pipe(schema) : schema.optional();
  const noExampleInProduction = <Schema extends z.ZodType<unknown, string>>(schema: Schema) =>
    (production ? noExample.pipe(schema) : schema).optional();
  const publicNeedsProduction =
    "a public address requires NODE_ENV=production, which refuses example values";
  const allowedSiteUrl = production
    ? siteUrl.refine(({ protocol }) => protocol === "https:", "production requires https")
    : siteUrl.refine(({ hostname }) => privateHost.test(hostname), publicNeedsProduction);
  const nodeEnv = z.enum(["production", "development", "test"]);

  return z.object({
    NODE_ENV: nodeEnv
      .refine(
        () => !(production && development),
        "`npm run dev` shows drafts; start production with `npm start`",
      )
      .optional()
      .describe("production, development, test or nothing"),
    PORT: wholeNumber(0, 65_535).default(3000).describe("a port, 0 to 65535 (0: any free port)"),
    HOST: z.string().default("localhost").describe("a host name or an IP address to listen on"),
    SITE_URL: requiredInProduction(allowedSiteUrl).describe(
      "the site's public origin without a path, like https://cleansystems.dk",
    ),
    DATA_DIR: folder.prefault("data").describe("a folder"),
    ARTICLES_DIR: folder.prefault("articles").describe("a folder"),
    DATABASE_URL: databaseUrl
      .optional()
      .describe(
        "a URL like postgres://user:password@example.org/website, the password percent-encoded",
      ),
    DATABASE_REQUIRE_TLS: trueOrFalse.optional().describe("true or false"),
    MAIL_DIR: folder.optional().describe("a folder"),
    SMTP_URL: requiredInProduction(smtpUrl).describe(
      "a URL like smtp://user:password@mail.example.org:587 or smtps://…, the password percent-encoded",
    ),
    SMTP_REQUIRE_TLS: trueOrFalse.default(true).describe("true or false"),
    MAIL_FROM: requiredInProduction(mailbox).describe(
      "one address, like Clean Systems <site@cleansystems.dk>, no comma in the name",
    ),
    MAIL_TO: requiredInProduction(commaSeparated.pipe(z.array(mailbox))).describe(
      "one or more addresses, separated by commas",
    ),
    CONTACT_EMAIL: requiredInProduction(emailAddress).describe("an email address"),
    CONTACT_PHONE: phoneNumber.optional().describe("a phone number, like +45 12 34 56 78"),
    TRUST_PROXY: trustProxy
      .default(false)
      .describe(
        "false, the number of proxies in front (1 to 9), or addresses like 10.0.0.0/8; true can be forged and is refused",
      ),
    INQUIRIES_PER_10_MINUTES: wholeNumber(0, 10_000)
      .default(5)
      .describe("a number of inquiries, 0 for no limit"),
    INQUIRIES_PER_HOUR_TOTAL: wholeNumber(0, 100_000)
      .default(200)
      .describe("a number of inquiries, 0 for no limit"),
    RETENTION_DAYS: wholeNumber(1, 3_650).default(30).describe("a number of days, 1 to 3650"),
    QUARANTINE_DAYS: wholeNumber(1, 3_650).default(30).describe("a number of days, 1 to 3650"),
    REPLY_WITHIN_WORKING_DAYS: wholeNumber(1, 30)
      .optional()
      .describe("a number of working days, 1 to 30"),
    PREVIEW_SECRET: z
      .string()
      .min(16)
      .optional()
      .describe("16 or more random characters, for example from: openssl rand -hex 16"),
    ALERT_WEBHOOK_URL: noExampleInProduction(urlWithoutLogin).describe(
      "an http or https URL without a login",
    ),
    LOG_LEVEL: z
      .enum(["debug", "info", "warn", "error"])
      .default("info")
      .describe("debug, info, warn or error"),
  });
}

/** Messages do not repeat the values of these settings. */
const secrets = new Set(["DATABASE_URL", "SMTP_URL", "ALERT_WEBHOOK_URL", "PREVIEW_SECRET"]);

/** A valid configuration. Paths are absolute, and `siteUrl` has no trailing slash. */
export type Config = ReturnType<typeof createConfig>;

/**
 * Returns the configuration that `env` describes. An empty value counts as unset. `namesInFile` are the names in .env: each must be a
 * setting or begin with NODE_. `development` is true for `npm run dev`. Throws an OperatorError that lists every invalid setting.
 */
export function parseConfig(
  env: NodeJS.ProcessEnv,
  { development = false, namesInFile = [] as string[] } = {},
): Config {
  const values = Object.fromEntries(
    Object.entries(env).flatMap(([name, text]) => (text?.trim() ? [[name, text.trim()]] : [])),
  );
  const production = values["NODE_ENV"] === "production";
  const schema = createSchema(production, development);
  const descriptions = Object.fromEntries(
    Object.entries(schema.shape).map(([name, { description }]) => [name, description]),
  );
  const unknown = namesInFile.filter(
    (name) => !(name in descriptions) && !name.startsWith("NODE_"),
  );
  const result = schema.safeParse(values, {
    error: ({ path: [name] = [] }) => `expected ${descriptions[String(name)]}`, // unless the schema has its own message
  });
  const invalid = (result.error?.issues ?? []).map(({ path: [key], message }) => {
    const name = String(key);
    const value = values[name];
    if (value === undefined) return `${name}: required in production, ${message}`;
    return `${name}${secrets.has(name) ? "" : `="${value}"`}: ${message}`;
  });
  const problems = new Set([...unknown.map((name) => `${name}: unknown name in .env`), ...invalid]);
  if (!result.success || problems.size > 0) {
    const count = problems.size === 1 ? "One setting is" : `${problems.size} settings are`;
    throw new OperatorError(
      `${count} wrong (.env.example describes each):\n${[...problems].map((line) => `  ${line}`).join("\n")}`,
    );
  }
  return createConfig(result.data, production, development);
}

function createConfig(
  settings: z.output<ReturnType<typeof createSchema>>,
  production: boolean,
  development: boolean,
) {
  return {
    production,
    /** Only `npm run dev` sets this: drafts are shown and marked. */
    development,
    host: settings.HOST,
    port: settings.PORT,
    siteUrl: settings.SITE_URL?.origin ?? `http://localhost:${settings.PORT}`,
    dataDir: settings.DATA_DIR,
    databaseUrl: settings.DATABASE_URL,
    /** Undefined: only for a database on another machine. */
    databaseRequireTls: settings.DATABASE_REQUIRE_TLS,
    articlesDir: settings.ARTICLES_DIR,
    mailDir: settings.MAIL_DIR ?? path.join(settings.DATA_DIR, "mail"),
    smtpUrl: settings.SMTP_URL,
    smtpRequireTls: settings.SMTP_REQUIRE_TLS,
    mailFrom: settings.MAIL_FROM ?? {
      name: "Clean Systems website",
      address: "site@cleansystems.example",
    },
    mailTo: settings.MAIL_TO ?? [{ name: "", address: "projects@cleansystems.example" }],
    contactEmail: settings.CONTACT_EMAIL ?? "hello@cleansystems.example",
    contactPhone: settings.CONTACT_PHONE,
    trustProxy: settings.TRUST_PROXY,
    inquiriesPer10Minutes: settings.INQUIRIES_PER_10_MINUTES,
    inquiriesPerHourTotal: settings.INQUIRIES_PER_HOUR_TOTAL,
    retentionDays: settings.RETENTION_DAYS,
    quarantineDays: settings.QUARANTINE_DAYS,
    replyWithinWorkingDays: settings.REPLY_WITHIN_WORKING_DAYS ?? (production ? undefined : 1),
    previewSecret: settings.PREVIEW_SECRET,
    alertWebhookUrl: settings.ALERT_WEBHOOK_URL,
    logLevel: settings.LOG_LEVEL,
  };
}
