// The kinds of values that settings have. If a value is wrong, the message says "expected" and the
// description.

import path from "node:path";
import { z } from "zod";
import { addressError } from "./inquiries/email-address.ts";

const projectDir = path.resolve(import.meta.dirname, "..");

export const wholeNumber = (what: string, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).describe(`${what}, ${min} to ${max}`);
export const oneOf = <const Word extends string>(...words: Word[]) =>
  z.enum(words).describe(`one of ${words.join(", ")}`);
export const trueOrFalse = z
  .stringbool({ truthy: ["true"], falsy: ["false"] })
  .describe("true or false");
export const folder = z.string().transform((text) => path.resolve(projectDir, text));
const commaSeparated = z.string().transform((text) => text.split(",").map((part) => part.trim()));

export const emailAddress = z
  .string()
  .refine((text) => !addressError(text))
  .describe("an email address");
/** An address with or without a name: "Site <a@b.dk>" or "a@b.dk". */
export const mailbox = z
  .string()
  .transform((text) => {
    const [, name = "", address = text] = /^"?([^"<>,]*?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
    return { name, address };
  })
  .pipe(z.object({ name: z.string(), address: emailAddress }))
  .describe("one address, like Clean Systems <site@cleansystems.dk>, no comma in the name");
export const mailboxes = commaSeparated
  .pipe(z.array(mailbox))
  .describe("one or more addresses, separated by commas");
export const phoneNumber = z.string().regex(/^\+?[\d ()-]{5,24}$/);

export const url = (protocol: RegExp, like: string, isAllowed = (_url: URL) => true) =>
  z
    .url({ protocol, abort: true })
    .refine((text) => !/%(?![\da-f]{2})/i.test(text) && isAllowed(new URL(text)))
    .describe(`a URL like ${like}`);
export const isOrigin = ({ href, origin }: URL) => href === `${origin}/`;
export const thisMachine = /^(|\/.*|(.+\.)?localhost|127[.\d]+|\[::1\])$/;
/**
 * Matches a name in a platform's private network: `db`, `db.internal` (Render, Fly), `db.flycast`.
 */
const privateName = /^([a-z][\w-]*|.+\.(internal|flycast))$/i;
/**
 * Returns whether an address of PostgreSQL is accepted: the connection stays on this machine or in
 * a private network, or sslmode is verify-full, or it is require, with which an operator knows that
 * nothing verifies the other machine.
 */
export const isSafe = ({ hostname, searchParams }: URL) => {
  const host = searchParams.get("host") ?? hostname;
  const mode = searchParams.get("sslmode") ?? "";
  return thisMachine.test(host) || privateName.test(host) || /^(verify-full|require)$/.test(mode);
};

// With TRUST_PROXY=true, and with a network of all addresses, the site would trust everybody: a
// client could write its own address.
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
export const proxies = z.union([
  z.literal("false").transform(() => false as const),
  wholeNumber("proxies", 1, 9),
  commaSeparated.pipe(z.array(network.refine((text) => !text.endsWith("/0")))),
]);
