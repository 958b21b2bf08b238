// References of inquiries: CS-7F3K-9QXM. Forty random bits that identify nobody and can be read out
// on the phone.

import { randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32: no I, L, O, U

/** Returns a random reference. The store refuses one that exists already. */
export function createReference(): string {
  const symbols = Array.from(randomBytes(8), (byte) => alphabet[byte & 31]).join("");
  return `CS-${symbols.slice(0, 4)}-${symbols.slice(4)}`;
}

/**
 * Returns the reference that `text` is, or undefined. Ignores case, spaces and punctuation; O is read
 * as 0, I and L as 1. "CS" may be left out.
 */
export function parseReference(text: string): string | undefined {
  const plain = text.toUpperCase().replace(/[\s\p{P}]/gu, "");
  const symbols = plain.replace(/O/g, "0").replace(/[IL]/g, "1");
  const [, first, second] =
    /^(?:CS)?([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(symbols) ?? [];
  return first && `CS-${first}-${second}`;
}
