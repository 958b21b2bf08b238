// A score, never a verdict: what looks like advertising is set aside and shown to staff in the daily mail, and its sender gets the same receipt.

import type { Inquiry } from "./inquiry.ts";

/** What is known besides the answers: whether the hidden field was filled, and what the same network has sent lately. */
export type Surroundings = { trapFilled: boolean; recentFromSameNetwork: number };

type Sign = { weight: 1 | 2; reason: string; shows: (inquiry: Inquiry, surroundings: Surroundings) => boolean };

const linksIn = (text: string) => text.match(/\bhttps?:\/\/|(?<!\/\/)\bwww\./gi)?.length ?? 0;

// Two weak signs or one strong one. Password managers fill hidden fields and honest people send links, so neither is enough by itself.
const signs: Sign[] = [
  { weight: 1, reason: "the hidden field was filled", shows: (_inquiry, { trapFilled }) => trapFilled },
  { weight: 1, reason: "many links", shows: ({ message }) => linksIn(message) > 3 },
  {
    weight: 1,
    reason: "third within ten minutes from one network",
    shows: (_inquiry, { recentFromSameNetwork }) => recentFromSameNetwork >= 2,
  },
  { weight: 2, reason: "a link as name or company", shows: ({ name, company }) => linksIn(name + " " + company) > 0 },
  { weight: 2, reason: "links in forum or HTML markup", shows: ({ message }) => /\[url=|<a\s[^>]*href/i.test(message) },
  { weight: 2, reason: "more than ten links", shows: ({ message }) => linksIn(message) > 10 },
];

/** The reasons to set this inquiry aside, in words; empty: none. */
export function suspicionOf(inquiry: Inquiry, surroundings: Surroundings): string {
  const shown = signs.filter((sign) => sign.shows(inquiry, surroundings));
  const weight = shown.reduce((sum, sign) => sum + sign.weight, 0);
  return weight >= 2 ? shown.map(({ reason }) => reason).join("; ") : "";
}
