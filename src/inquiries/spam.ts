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
    // Many people give their company as "www.nordfrost.example".
    weight: 1,
    reason: "a web address as company",
    applies: ({ company = "" }) => linksIn(company) > 0,
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
