// Finds email addresses whose domain is probably mistyped or cannot receive mail. The form asks once whether such an address is correct.

import { domainToASCII, domainToUnicode } from "node:url";

/** Why no mail can be delivered to a domain, in words that follow its name. */
export type DomainFault = "does not exist" | "does not accept email";

/** Returns why no mail can be delivered to a domain in lower-case ASCII, or undefined if no fault was found. Never rejects. */
export type FindDomainFault = (domain: string) => Promise<DomainFault | undefined>;

/** The question for the sender, and what staff read if the sender confirmed the address. */
export type Doubt = { question: string; finding: string };

// A list and not an edit distance, because mail.com, ymail.com and gmx.net are close to other providers. No mail provider uses these domains.
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

/** Returns what may be wrong with the domain of an email address. A domain in the list of typing errors is not looked up. */
export async function findDoubt(
  address: string,
  findDomainFault: FindDomainFault,
): Promise<Doubt | undefined> {
  const at = address.lastIndexOf("@");
  const typed = address.slice(at + 1);
  const domain = domainToASCII(typed);
  const sendAgain = `If ${address} is correct, send the form again.`;
  const doubt = (question: string, finding: string) => ({
    question: `${question} ${sendAgain}`,
    finding: `${finding}; the sender confirmed the address`,
  });

  const correction = correctionOf(domain);
  if (correction) {
    const corrected = `${address.slice(0, at)}@${correction}`;
    return doubt(`Did you mean ${corrected}?`, `${typed} may be a typo for ${correction}`);
  }
  const fault = await findDomainFault(domain);
  return (
    fault &&
    doubt(
      `The domain ${typed} ${fault}, so our reply would not reach you.`,
      `the domain ${typed} ${fault}`,
    )
  );
}

function correctionOf(domain: string): string | undefined {
  const withCom = domain.replace(mistypedCom, ".com");
  return corrections.get(withCom) ?? (withCom === domain ? undefined : domainToUnicode(withCom));
}
