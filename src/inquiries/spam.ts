// Which inquiries look like advertising. What somebody says is no sign: words of agencies stopped
// seven of eight natural texts of clients, and let 14 of 20 advertisements pass.

import type { QuarantineReason } from "./delivery.ts";
import { fields, type Answers, type Field } from "./form.ts";

/** Returns why an inquiry looks like advertising, or "". */
export function spamReason(answers: Answers, isTrapFilled: boolean): QuarantineReason | "" {
  // Password managers fill hidden fields, and clients send links: neither is enough alone.
  if (isTrapFilled && /\bhttps?:\/\/|\bwww\./i.test(answersTo(["text", "textarea"], answers)))
    return "trap";
  const message = answersTo(["textarea"], answers);
  if (isRandomLetters(message)) return "random-letters";
  const inMarkup = message.match(markupLink)?.join("").length ?? 0;
  return inMarkup * 2 > message.length ? "markup" : "";
}

const answersTo = (controls: Field["control"][], answers: Answers): string =>
  fields
    .flatMap(({ name, control }) => (controls.includes(control) ? (answers[name] ?? "") : []))
    .join("\n");

/**
 * Recognises messages such as "PkKJcOVuFNDEPOzZ": since November 2025 a wave of these has passed
 * every captcha and proof of work. Such a message is one word of ten letters or more, with a
 * capital after a small letter. Its parts, split as in CamelCase, have at most four letters on
 * average, and one of them has no vowel. All this holds for 81 to 95 of 100 random words of 10 to
 * 20 letters, for 188 of 44,672 names of Java classes, which nobody sends alone, and for no word of
 * an English dictionary. Other languages have no capitals inside a word, and letters beyond a to z
 * are never taken for random.
 */
function isRandomLetters(message: string): boolean {
  if (!/^[a-z]{10,100}$/i.test(message) || !/[a-z][A-Z]/.test(message)) return false;
  const parts = message.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return (
    message.length <= 4 * parts.length &&
    parts.some((part) => /^[A-Z]?[b-df-hj-np-tv-xz]+$/.test(part))
  );
}

/**
 * Matches a link with its text, if there is no other markup in it: [url=…]text[/url] or <a
 * href=…>text</a>.
 */
const markupLink = /\[url\b[^[]*\[\/url\]|<a\s+href[^<]*<\/a>/gi;
