// The test for e-mail addresses: every address that a mail system could deliver to, and none that could add a header or a second recipient.

import { domainToASCII } from "node:url";

/**
 * Accepts `søren@example.dk` and `ops@münchen.de` (RFC 6531), which stricter patterns refuse, and refuses what would change
 * the meaning of a header: controls, spaces and `<>()[],;:"\`. At most 254 characters (RFC 5321, erratum 1690).
 */
export function isEmailAddress(text: string): boolean {
  if (text.length > 254) return false;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (at < 1 || local.length > 64 || /[\p{Cc}\p{Cf}\s<>()[\],;:"\\@]/u.test(local)) return false;
  if (/[^\p{L}\p{M}\p{N}.-]/u.test(domain)) return false; // domainToASCII would remove or replace some of these
  const ascii = domainToASCII(domain);
  return ascii.includes(".") && ascii.split(".").every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/i.test(label));
}
