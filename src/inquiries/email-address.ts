// Email addresses: which are valid, which are the same, and which have a domain that is probably
// mistyped or cannot receive mail. The form asks once whether such an address is correct.

import { NOTFOUND } from "node:dns";
import { Resolver } from "node:dns/promises";
import { domainToASCII, domainToUnicode } from "node:url";
import { z } from "zod";

// An address may have so many characters (RFC 5321, erratum 1690).
export const maxAddressLength = 254;

/** Ends the check at a broken rule. `error` is a sentence for the owner of the address. */
const or = (error: string) => ({ error, abort: true });

/**
 * Accepts `søren@example.dk` and `ops@münchen.de` (RFC 6531), which stricter patterns reject.
 * Rejects what could add a header or a recipient: controls, spaces and `<>()[],;:"\`.
 */
export const emailAddress = z
  .string()
  // The length comes first, because the other checks take quadratic time.
  .max(maxAddressLength, or(`Your email address must be ${maxAddressLength} characters or fewer`))
  .regex(/.@/, or("Enter an email address like name@company.com"))
  .regex(/^[^@]*@[^@]*$/, or("Enter only one email address, with one @ sign"))
  .regex(/^[^<>]*$/, or("Enter only the email address, without a name or the signs < and >"))
  // Some mail programs decode =?utf-8?q?ceo=40bank.dk=2c?=@client.dk and would reply to the bank.
  .regex(/^(?!.*=\?)/, or("Enter the email address without “=?”"))
  .regex(/^\S*$/, or("Enter the email address without spaces"))
  .regex(
    /^[^\p{Cc}\p{Cf}]*$/u,
    or("Type the email address instead of pasting it: it contains an invisible character"),
  )
  .refine((text) => !wrongSign(text), {
    error: ({ input }) => `Enter the email address without “${wrongSign(input as string)}”`,
    abort: true,
  })
  .refine((text) => isDomainName(domainIn(text)), {
    error: ({ input }) => {
      const domain = domainIn(input as string);
      return domain === ""
        ? "Enter a domain name like company.com after the @ sign"
        : `The part after the @ sign must be a domain name like company.com, not “${domain}”`;
    },
  });

/**
 * Returns what is wrong with an address, as a sentence for its owner, or undefined if it is valid.
 */
export const addressError = (text: string): string | undefined =>
  emailAddress.safeParse(text).error?.issues[0]?.message;

const domainIn = (address: string): string => address.slice(address.indexOf("@") + 1);

/**
 * Returns the first sign that no address may have, or undefined. It can't ask `domainToASCII`,
 * which removes or replaces some of these signs.
 */
const wrongSign = (address: string): string | undefined =>
  (/[()[\],;:"\\](?=.*@)/.exec(address) ?? /[^\p{L}\p{M}\p{N}.-]/u.exec(domainIn(address)))?.[0];

/**
 * Returns whether a text is a full domain name, such as company.com. No top-level domain is a
 * number (RFC 3696, section 2), so `1.2.3.4` is none.
 */
function isDomainName(domain: string): boolean {
  const labels = domainToASCII(domain).split(".");
  return (
    labels.length > 1 &&
    labels.every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

/**
 * Returns a key that all spellings of one address have in common: in capitals or small letters,
 * with the domain in Unicode or punycode, and with either domain of Gmail.
 */
export function emailKey(email: string): string {
  // The rest of this function takes quadratic time.
  if (email.length > maxAddressLength) return email;
  const text = email.normalize("NFKC").trim().toLowerCase();
  const at = text.lastIndexOf("@");
  const typed = text.slice(at + 1);
  const domain = domainToASCII(typed) || typed;
  return text.slice(0, at + 1) + (domain === "googlemail.com" ? "gmail.com" : domain);
}

/**
 * Returns a key that all addresses of one mailbox have in common: without a plus and a tag, and for
 * Gmail without dots.
 */
export const mailboxKey = (email: string): string =>
  emailKey(email).replace(/(?<=.)\+.*(?=@)|\.(?=.*@gmail\.com$)/g, "");

// The providers that give mailboxes to anybody, so that two of their customers aren't colleagues. A
// provider that is missing here costs staff some references of strangers on a page.
const providers = new Set(
  (
    "gmail.com outlook.com outlook.dk hotmail.com hotmail.dk hotmail.co.uk hotmail.de hotmail.fr live.com live.dk live.co.uk msn.com " +
    "yahoo.com yahoo.co.uk yahoo.co.id yahoo.de yahoo.fr yahoo.in yahoo.co.in ymail.com rocketmail.com aol.com icloud.com me.com mac.com " +
    "proton.me protonmail.com pm.me tuta.com tutanota.com tuta.io hey.com fastmail.com fastmail.fm zoho.com duck.com mail.com gmx.com " +
    "gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de posteo.de posteo.net mailbox.org orange.fr wanadoo.fr free.fr laposte.net " +
    "sfr.fr libero.it virgilio.it tiscali.it telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl hetnet.nl btinternet.com sky.com " +
    "virginmedia.com comcast.net verizon.net att.net sbcglobal.net cox.net rogers.com shaw.ca bigpond.com optusnet.com.au " +
    "mail.dk jubii.dk ofir.dk youmail.dk stofanet.dk tdcadsl.dk telia.com spray.se online.no wp.pl o2.pl onet.pl interia.pl seznam.cz " +
    "abv.bg ukr.net mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru qq.com foxmail.com 163.com 126.com sina.com " +
    "naver.com daum.net hanmail.net rediffmail.com telkom.net plasa.com simplelogin.com mozmail.com"
  ).split(" "),
);

/**
 * Returns the domain of an address if its owners are colleagues, or undefined if a provider gives
 * its mailboxes to anybody.
 */
export function companyDomain(email: string): string | undefined {
  const domain = domainIn(mailboxKey(email));
  return providers.has(domain) ? undefined : domain;
}

/**
 * Finds out why no mail can be delivered to a domain, which is written in lower-case ASCII.
 * Resolves with undefined if nothing is known to be wrong, and never rejects.
 */
export type LookUpDomain = (
  domain: string,
) => Promise<"doesn’t exist" | "doesn’t accept email" | undefined>;

/**
 * A doubt about an address: the question for its sender, the address that was probably meant, and
 * the words that staff read.
 */
export type AddressDoubt = { question: string; suggestion: string | undefined; note: string };

// Mistyped domains are found by a list and not by edit distance, because mail.com, ymail.com and
// gmx.net are close to other providers' domains. No mail provider uses a domain of this list.
const typingErrors: Record<string, string> = {
  "gmail.com":
    "gmial.com gmai.com gamil.com gmal.com gmaill.com gmali.com gmil.com gnail.com gmaul.com gmaik.com gmsil.com gmail.co g-mail.com",
  "googlemail.com": "googlemial.com googlemai.com goglemail.com googelmail.com",
  "hotmail.com":
    "hotmial.com hotmai.com hotmal.com hotmil.com hotamil.com hotmaill.com hotmali.com htomail.com hotmail.co",
  "hotmail.dk": "hotmial.dk hotmai.dk hotamil.dk hotmali.dk",
  "outlook.com":
    "outlok.com outloo.com outlool.com outllook.com outloook.com outllok.com otulook.com outlokk.com",
  "outlook.dk": "outlok.dk outloo.dk",
  "yahoo.com": "yaho.com yahooo.com yhaoo.com yahho.com yhoo.com",
  "yahoo.co.id": "yaho.co.id yahooo.co.id yhaoo.co.id",
  "icloud.com": "iclod.com icloud.co icoud.com iclould.com icluod.com icloude.com",
  "protonmail.com": "protonmial.com protonmai.com protonmal.com",
};

/** People type these endings instead of ".com". None of them is a top-level domain. */
const mistypedCom = /\.(con|cmo|ocm|comm|coom|vom|xom|cpm)$/;

export function findTypingError(address: string): AddressDoubt | undefined {
  const [local = "", typed = ""] = address.split("@");
  const domain = domainToASCII(typed);
  const withCom = domain.replace(mistypedCom, ".com");
  const isMistyped = (name: string) => typingErrors[name]?.split(" ").includes(withCom);
  const correct = Object.keys(typingErrors).find(isMistyped) ?? withCom;
  if (correct === domain) return undefined;
  const correction = domainToUnicode(correct);
  const suggestion = `${local}@${correction}`;
  const note = `${typed} may be a typo for ${correction}`;
  return { question: `Did you mean ${suggestion}?`, suggestion, note };
}

export async function findAddressDoubt(
  address: string,
  lookUp: LookUpDomain,
): Promise<AddressDoubt | undefined> {
  const typingError = findTypingError(address);
  if (typingError) return typingError;
  const typed = domainIn(address);
  const reason = await lookUp(domainToASCII(typed));
  if (!reason) return undefined;
  const question = `The domain ${typed} ${reason}, so our reply wouldn’t reach you.`;
  return { question, suggestion: undefined, note: `the domain ${typed} ${reason}` };
}

/**
 * Creates the look-up. A domain counts as able to receive mail if the resolver fails, or takes
 * longer than a visitor waits.
 */
export function createDomainLookup({
  servers = [] as string[],
  limitMs = 1_500,
} = {}): LookUpDomain {
  return async (domain) => {
    const resolver = new Resolver({ timeout: 600, tries: 2 });
    if (servers.length > 0) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), limitMs);
    try {
      const [first] = await resolver.resolveMx(domain);
      // An MX record with an empty name says that the domain takes no mail (RFC 7505, "null MX"). A
      // name that is an alias may have no MX record, which is fine.
      return first?.exchange === "" ? "doesn’t accept email" : undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === NOTFOUND ? "doesn’t exist" : undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}
