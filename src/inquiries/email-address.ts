// Validates email addresses: accepts all that a mail system could deliver to, and none that could
// add a header or a recipient.

import { domainToASCII } from "node:url";

const maxLength = 254; // RFC 5321, erratum 1690

/**
 * Accepts `søren@example.dk` and `ops@münchen.de` (RFC 6531), which stricter patterns reject, and
 * rejects what could change the meaning of a header: controls, spaces and `<>()[],;:"\`.
 */
export const isEmailAddress = (text: string): boolean => addressFault(text) === undefined;

/** Returns what is wrong with an address, as a sentence for its owner, or undefined. */
export function addressFault(text: string): string | undefined {
  // First, because what follows takes quadratic time.
  if (text.length > maxLength) return `Your email address must be ${maxLength} characters or fewer`;
  const ats = text.split("@").length - 1;
  if (ats === 0) return "Enter an email address with an @ sign, like name@company.com";
  if (ats > 1) return "Enter only one email address, with one @ sign";
  if (/[<>]/.test(text)) return "Enter only the email address, without a name or the signs < and >";
  const [local = "", domain = ""] = text.split("@");
  if (local === "") return "Enter the part before the @ sign, like name@company.com";
  if (/\s/.test(text)) return "Enter the email address without spaces";
  if (/[\p{Cc}\p{Cf}]/u.test(text))
    return "Type the email address instead of pasting it: it contains an invisible character";
  // domainToASCII would remove or replace some of these signs.
  const [sign] = /[()[\],;:"\\]/.exec(local) ?? /[^\p{L}\p{M}\p{N}.-]/u.exec(domain) ?? [];
  if (sign) return `Enter the email address without “${sign}”`;
  if (!domain.includes(".")) return "The part after the @ sign needs a dot, like company.com";
  const labels = domainToASCII(domain).split(".");
  const isDomain =
    labels.length > 1 && labels.every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/i.test(label));
  return isDomain
    ? undefined
    : `The part after the @ sign must be a domain name like company.com, not “${domain}”`;
}

/**
 * Returns an email address in the form used for look-ups: people type their own in more than one
 * case, and a domain in Unicode or in punycode.
 */
export function emailKey(email: string): string {
  if (email.length > maxLength) return email; // what follows takes quadratic time
  const text = email.normalize("NFKC").trim().toLowerCase();
  const at = text.lastIndexOf("@");
  const domain = text.slice(at + 1);
  return text.slice(0, at + 1) + (domainToASCII(domain) || domain);
}
