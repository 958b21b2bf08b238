// Finds email addresses whose domain is probably mistyped or cannot receive mail. The form asks once
// whether such an address is correct.

import { domainToASCII, domainToUnicode } from "node:url";

/** Why no mail can be delivered to a domain, in words that follow its name. */
export type Undeliverable = "does not exist" | "does not accept email";

/** Looks up a domain in lower-case ASCII. Returns undefined if no fault was found. Never rejects. */
export type LookUpDomain = (domain: string) => Promise<Undeliverable | undefined>;

/** The question for the sender, and what staff read if the sender confirms the address. */
export type DomainFault = { question: string; note: string };

// A list and not an edit distance, because mail.com, ymail.com and gmx.net are close to other
// providers. No mail provider uses these domains.
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
const corrections = new Map(
  Object.entries(typingErrors).flatMap(([provider, mistyped]) =>
    mistyped.split(" ").map((domain) => [domain, provider]),
  ),
);

/** Endings that people type instead of ".com", none of which is a top-level domain. */
const mistypedCom = /\.(con|cmo|ocm|comm|coom|vom|xom|cpm)$/;

/** Returns what may be wrong with the domain of an email address, without a look-up. */
export function findTypo(address: string): DomainFault | undefined {
  const { local, typed, domain } = partsOf(address);
  const correction = correctionOf(domain);
  const question = `Did you mean ${local}@${correction}?`;
  const note = `${typed} may be a typo for ${correction}`;
  return correction === undefined ? undefined : faultOf(address, question, note);
}

/** Returns a typing error, or why no mail can be delivered to the domain according to `lookUp`. */
export async function findDomainFault(
  address: string,
  lookUp: LookUpDomain,
): Promise<DomainFault | undefined> {
  const { typed, domain } = partsOf(address);
  const typo = findTypo(address);
  const reason = typo ? undefined : await lookUp(domain);
  const question = `The domain ${typed} ${reason}, so our reply would not reach you.`;
  return reason ? faultOf(address, question, `the domain ${typed} ${reason}`) : typo;
}

const faultOf = (address: string, question: string, note: string): DomainFault => ({
  question: `${question} If ${address} is correct, send the form again.`,
  note: `${note}; the sender confirmed the address`,
});

function partsOf(address: string) {
  const at = address.lastIndexOf("@");
  const typed = address.slice(at + 1);
  return { local: address.slice(0, at), typed, domain: domainToASCII(typed) };
}

function correctionOf(domain: string): string | undefined {
  const withCom = domain.replace(mistypedCom, ".com");
  return corrections.get(withCom) ?? (withCom === domain ? undefined : domainToUnicode(withCom));
}
