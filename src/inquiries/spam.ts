// The spam score. An inquiry that looks like advertising is quarantined and listed in the digest. Its sender gets the usual receipt.

import type { Answers } from "./form.ts";

/** What is known besides the answers. `recentFromSameNetwork` is the number of inquiries in the last ten minutes. */
export type SpamSignals = { honeypotFilled: boolean; recentFromSameNetwork: number };

type Rule = {
  weight: 1 | 2;
  reason: string;
  applies: (answers: Answers, signals: SpamSignals) => boolean;
};

const linksIn = (text = "") => text.match(/\bhttps?:\/\/|(?<!\/\/)\bwww\./gi)?.length ?? 0;

// A total weight of 2 is enough. Password managers fill hidden fields and honest people send links, so neither is enough alone.
const rules: Rule[] = [
  {
    weight: 1,
    reason: "the hidden field was filled in",
    applies: (_answers, { honeypotFilled }) => honeypotFilled,
  },
  { weight: 1, reason: "many links", applies: ({ message }) => linksIn(message) > 3 },
  {
    weight: 1,
    reason: "third inquiry from one network within ten minutes",
    applies: (_answers, { recentFromSameNetwork }) => recentFromSameNetwork >= 2,
  },
  {
    weight: 2,
    reason: "a link in the name or company",
    applies: ({ name, company }) => linksIn(`${name} ${company}`) > 0,
  },
  {
    weight: 2,
    reason: "links in forum or HTML markup",
    applies: ({ message = "" }) => /\[url=|<a\s[^<>]*href/i.test(message),
  },
  { weight: 2, reason: "more than ten links", applies: ({ message }) => linksIn(message) > 10 },
];

/** Returns the reasons to quarantine an inquiry in words, or "". */
export function quarantineReasonOf(answers: Answers, signals: SpamSignals): string {
  const applying = rules.filter((rule) => rule.applies(answers, signals));
  const weight = applying.reduce((sum, rule) => sum + rule.weight, 0);
  return weight >= 2 ? applying.map(({ reason }) => reason).join("; ") : "";
}
