// The spam score. An inquiry that looks like advertising is quarantined, and its sender gets the
// usual receipt.

import { fields, type Answers, type Field } from "./form.ts";

/** What is known besides the answers. `recentFromNetwork`: inquiries in the last ten minutes. */
export type SpamSignals = { isTrapFilled: boolean; recentFromNetwork: number };

type Rule = {
  weight: 1 | 2;
  reason: string;
  applies: (answers: Answers, signals: SpamSignals) => boolean;
};

// Search ranking, an offer, our website, a low price, a question. Of thirty clients' messages that
// use such words, none has three of the signs. Thirteen of thirty pitches do.
const pitchSigns = [
  /\bseo\b|back ?link|link ?building|link insertion|guest (?:post|article)|sponsored post|google.{0,12}(?:rank|review)|(?:page|side|pertama|seite) .{0,12}google/i,
  /\bwe (?:offer|provide|can get|can drive|help businesses)|\bwe are .{0,40}(?:agency|company|manufacturer)|\bvi tilbyder|wir bieten|menawarkan/i,
  /\b(?:your|jeres|ihre) (?:web ?site|site|blog|webseite|hjemmeside|company|business|brand)|website anda/i,
  /[$€]\d|free (?:audit|mockup|trial|sample|quote)|for free|price ?list|rate card|affordable|competitive price|guaranteed|kostenlos|uforpligtende|harga murah/i,
  /\b(?:can|may|shall|could) (?:i|we) (?:send|share|email|offer)|\binterested(?: in\b|\?)|må jeg sende|reply for|would you like to see/i,
];

// A total weight of 2 is enough. Password managers fill hidden fields and honest people send links,
// so neither is enough alone.
const rules: Rule[] = [
  {
    weight: 1,
    reason: "the hidden field was filled in",
    applies: (_answers, { isTrapFilled }) => isTrapFilled,
  },
  { weight: 1, reason: "many links", applies: (answers) => hasManyLinks(written(answers), 3) },
  {
    weight: 1,
    reason: "third inquiry from one network within ten minutes",
    applies: (_answers, { recentFromNetwork }) => recentFromNetwork >= 2,
  },
  {
    weight: 2,
    reason: "a link in a one-line answer",
    applies: (answers) =>
      linksIn(answers.name ?? "") > 0 || linkWithPath.test(answersTo("text", answers)),
  },
  {
    weight: 2,
    reason: "links in forum or HTML markup",
    applies: (answers) => /\[url=|<a\s[^<>]*href/i.test(written(answers)),
  },
  {
    weight: 2,
    reason: "an offer of services in the words of agencies",
    applies: (answers) => pitchSigns.filter((sign) => sign.test(written(answers))).length >= 3,
  },
  {
    weight: 2,
    reason: "more than ten links in a short text",
    applies: (answers) => hasManyLinks(written(answers), 10) && wordsIn(written(answers)) <= 300,
  },
];

/** Returns the reasons to quarantine an inquiry in words, or "". */
export function spamReason(answers: Answers, signals: SpamSignals): string {
  const applying = rules.filter((rule) => rule.applies(answers, signals));
  const weight = applying.reduce((sum, rule) => sum + rule.weight, 0);
  return weight >= 2 ? applying.map(({ reason }) => reason).join("; ") : "";
}

const answersTo = (control: Field["control"], answers: Answers): string =>
  fields
    .flatMap((field) => (field.control === control ? (answers[field.name] ?? "") : []))
    .join("\n");
const written = (answers: Answers) => answersTo("textarea", answers);

const linkStart = /\bhttps?:\/\/|(?<!\/\/)\bwww\./gi;
const linksIn = (text: string): number => text.match(linkStart)?.length ?? 0;

const linkWithPath = /\b(?:https?:\/\/|www\.)[^\s/?#]+[/?#]+[^\s/?#),.;]/i;

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
