// Which inquiries look like advertising.

import { fields, type Answers, type Field } from "./form.ts";

// The signs of a pitch: search ranking, an offer, our website, a low price, a question. None of
// thirty clients' messages that use such words has three signs. Thirteen of thirty pitches have.
const pitchSigns = [
  /\bseo\b|back ?link|link ?building|link insertion|guest (?:post|article)|sponsored post|google.{0,12}(?:rank|review)|(?:page|side|pertama|seite) .{0,12}google/i,
  /\bwe (?:offer|provide|can get|can drive|help businesses)|\bwe are .{0,40}(?:agency|company|manufacturer)|\bvi tilbyder|wir bieten|menawarkan/i,
  /\b(?:your|jeres|ihre) (?:web ?site|site|blog|webseite|hjemmeside|company|business|brand)|website anda/i,
  /[$€]\d|free (?:audit|mockup|trial|sample|quote)|for free|price ?list|rate card|affordable|competitive price|guaranteed|kostenlos|uforpligtende|harga murah/i,
  /\b(?:can|may|shall|could) (?:i|we) (?:send|share|email|offer)|\binterested(?: in\b|\?)|må jeg sende|reply for|would you like to see/i,
];

/** Returns the reasons to quarantine an inquiry in words, or "". */
export function spamReason(answers: Answers, isTrapFilled: boolean): string {
  const text = answersTo("textarea", answers);
  // A total weight of 2 is enough. Password managers fill hidden fields and honest people send
  // links, so neither is enough alone.
  const found = [
    { weight: 1, reason: "the hidden field was filled in", applies: isTrapFilled },
    { weight: 1, reason: "many links", applies: hasManyLinks(text, 3) },
    {
      weight: 2,
      reason: "a link in a one-line answer",
      applies:
        linksIn(answers.name ?? "") > 0 || linkWithPath.test(`${answers.name} ${answers.company}`),
    },
    {
      weight: 2,
      reason: "links in forum or HTML markup",
      applies: (text.match(markupLink)?.length ?? 0) * wordsPerMarkupLink > wordsIn(text),
    },
    {
      weight: 2,
      reason: "an offer of services in the words of agencies",
      applies: pitchSigns.filter((sign) => sign.test(text)).length >= 3,
    },
    {
      weight: 2,
      reason: "more than ten links in a short text",
      applies: hasManyLinks(text, 10) && wordsIn(text) <= 300,
    },
  ].filter(({ applies }) => applies);
  const weight = found.reduce((sum, one) => sum + one.weight, 0);
  return weight >= 2 ? found.map(({ reason }) => reason).join("; ") : "";
}

const answersTo = (control: Field["control"], answers: Answers): string =>
  fields
    .flatMap((field) => (field.control === control ? (answers[field.name] ?? "") : []))
    .join("\n");

const linkStart = /\bhttps?:\/\/|(?<!\/\/)\bwww\./gi;
const linksIn = (text: string): number => text.match(linkStart)?.length ?? 0;

const linkWithPath = /\b(?:https?:\/\/|www\.)[^\s/?#]+[/?#]+[^\s/?#),.;]/i;

/** A link in forum or HTML markup, as advertisements for other sites have it. */
const markupLink = /\[url=|<a\s[^<>]*href\s*=\s*["']?(?:https?:)?\/\//gi;
/** A client who quotes markup writes more words about it. */
const wordsPerMarkupLink = 8;

/** A client's brief has links to documents, and more than 40 words for each of them. */
const wordsPerLink = 40;

function hasManyLinks(text: string, allowed: number): boolean {
  const links = linksIn(text);
  return links > allowed && links * wordsPerLink > wordsIn(text);
}

/** Counts words without links, also in scripts without spaces. */
function wordsIn(text: string): number {
  const words = new Intl.Segmenter("en", { granularity: "word" });
  const withoutLinks = text.replace(/\b(?:https?:\/\/|www\.)\S+/gi, " ");
  return Array.from(words.segment(withoutLinks)).filter(({ isWordLike }) => isWordLike).length;
}
