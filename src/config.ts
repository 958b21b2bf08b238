// The settings of the site: a Zod schema, and the rules of production. `.env.example` describes the
// same names. src/startup.ts reads the environment and .env.

import path from "node:path";
import { z } from "zod";
import { minRetentionDays } from "./inquiries/handling.ts";
import { OperatorError } from "./operator-error.ts";
import {
  emailAddress,
  folder,
  isOrigin,
  isSafe,
  mailbox,
  mailboxes,
  oneOf,
  phoneNumber,
  proxies,
  thisMachine,
  trueOrFalse,
  url,
  wholeNumber,
} from "./setting-kinds.ts";

const defaultRetentionDays = "30";

/**
 * The settings. Each row says which kind of value one has, and its default as .env would have it.
 */
const schema = z.object({
  nodeEnv: oneOf("production", "development", "test").optional(),
  port: wholeNumber("a port", 0, 65_535).prefault("3000"), // port 0 means any free one
  host: z.string().describe("a host name or an IP address").prefault("localhost"),
  siteUrl: url(/^https?$/, "https://cleansystems.dk, without a path", isOrigin).optional(),
  dataDir: folder.prefault("data"),
  databaseUrl: url(
    /^postgres(ql)?$/,
    "postgres://user:password@localhost/website; another machine requires ?sslmode=verify-full, or ?sslmode=require, which verifies no certificate",
    isSafe,
  ).optional(),
  articlesDir: folder.prefault("articles"),
  smtpUrl: url(/^smtps?$/, "smtps://user:p%40ssword@mail.cleansystems.dk").optional(),
  smtpRequireTls: trueOrFalse.prefault("true"),
  mailFrom: mailbox.prefault("Clean Systems website <site@cleansystems.example>"),
  mailTo: mailboxes.prefault("projects@cleansystems.example"),
  dkimSelector: z.string().describe("the name of a DKIM key").optional(),
  contactEmail: emailAddress.prefault("hello@cleansystems.example"),
  contactPhone: phoneNumber.describe("a phone number, like +45 12 34 56 78").optional(),
  trustProxy: proxies
    .describe("false, the number of proxies in front (1 to 9), or networks like 10.0.0.0/8")
    .prefault("false"),
  // INQUIRIES_PER_10_MINUTES=0 means that there is no limit.
  inquiriesPer10Minutes: wholeNumber("a number of inquiries", 0, 10_000).prefault("5"),
  inquiriesPerHourTotal: wholeNumber("a number of inquiries", 0, 100_000).prefault("200"),
  retentionDays: wholeNumber("a number of days", 1, 3_650).prefault(defaultRetentionDays),
  previewSecret: z.string().min(16).describe("16 or more random characters").optional(),
  replyWithinWorkingDays: wholeNumber("a number of working days", 1, 30).optional(),
  alertWebhookUrl: url(/^https?$/, "https://hooks.cleansystems.dk/T1").optional(),
  backupTo: z.string().describe("a shell command").optional(),
  logLevel: oneOf("debug", "info", "warn", "error").prefault("info"),
});

type Key = keyof typeof schema.shape;
const keys = Object.keys(schema.shape) as Key[];

/** Returns the name of a setting in the environment: INQUIRIES_PER_10_MINUTES. */
const envName = (key: Key) => key.replace(/[A-Z]|\d+/g, "_$&").toUpperCase();
export const settingNames: string[] = keys.map(envName);

const required: Key[] = ["siteUrl", "smtpUrl", "mailFrom", "mailTo", "contactEmail"];
/** Matches the hosts in the defaults, in .env.example and in what ops/install writes. */
const exampleHost = /\bexample\.(com|org)\b|\bcleansystems\.example\b/;

const commandOnServer = (words: string) => `site ${words}`;
const commandInCheckout = (words: string) => `npm run ${words.replace(" ", " -- ")}`;

/** A valid configuration. Paths are absolute, and `siteUrl` has no trailing slash. */
export type Config = ReturnType<typeof parseConfig>;

/**
 * Reads the settings. An empty value counts as unset. Throws an OperatorError that names every
 * wrong setting without its value, which may be secret.
 */
export function parseConfig(
  env: NodeJS.ProcessEnv,
  { development = false, errorsInFile = [] as string[] } = {},
) {
  const texts: { [key in Key]?: string | undefined } = {};
  for (const key of keys) texts[key] = env[envName(key)]?.trim() || undefined;
  const { data, error } = schema.safeParse(texts);
  const invalid = new Set(error?.issues.map(({ path }) => path[0]));
  const production = texts.nodeEnv === "production";
  const site = URL.parse(texts.siteUrl ?? "");
  const reply = schema.shape.replyWithinWorkingDays.safeParse(texts.replyWithinWorkingDays).data;
  const replyDays = reply ?? (production ? undefined : 1);
  const minDays = minRetentionDays(replyDays);

  // Zod would check rules between settings only if no value is wrong by itself, and an operator has
  // to see everything that is wrong at once.
  const rules: [key: Key, isBroken: boolean, message: string][] = [
    [
      "nodeEnv",
      production && development,
      "`npm run dev` shows drafts; start production with `npm start`",
    ],
    [
      "retentionDays",
      Number(texts.retentionDays ?? defaultRetentionDays) < minDays,
      `expected at least ${minDays}: seven days, and twice the reply time in days with weekends`,
    ],
    ["siteUrl", production && site?.protocol === "http:", "production requires https"],
    [
      "siteUrl",
      !production && site !== null && !thisMachine.test(site.hostname),
      "an address of other machines requires NODE_ENV=production, which refuses example values",
    ],
  ];
  const errorIn = (key: Key): string | undefined => {
    const { [key]: text = "" } = texts;
    const expected = `expected ${schema.shape[key].unwrap().description}`;
    if (production && required.includes(key) && !text) return `required in production, ${expected}`;
    if (production && exampleHost.test(text)) return "production refuses example values";
    if (invalid.has(key)) return expected;
    return rules.find(([about, isBroken]) => about === key && isBroken)?.[2];
  };
  const messages = keys.map((key) => [envName(key), errorIn(key)] as const);
  const inValues = messages.flatMap(([name, message]) => (message ? `${name}: ${message}` : []));
  const errors = [...errorsInFile, ...inValues];
  if (!data || errors.length > 0)
    throw new OperatorError(
      ["Wrong settings (.env.example describes each):", ...errors].join("\n  "),
    );

  const { nodeEnv: _, ...settings } = data;
  const { port, dataDir, mailFrom, databaseUrl } = settings;
  return {
    ...settings,
    production,
    /** Whether `npm run dev` runs the site: then drafts are shown and marked. */
    development,
    siteUrl: site?.origin ?? `http://localhost:${port}`,
    /**
     * Writes a command as it is typed on this machine. In production that is the command of
     * ops/site.
     */
    command: production ? commandOnServer : commandInCheckout,
    mailDir: path.join(dataDir, "mail"),
    storeSettings: {
      file: path.join(dataDir, "inquiries.db"),
      databaseUrl,
      messageIdDomain: mailFrom.address.split("@")[1] ?? "localhost",
    },
    /** The promised reply time, or undefined if none is promised. */
    replyWithinWorkingDays: replyDays,
  };
}
