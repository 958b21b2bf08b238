// The site's one picture: bars that mean time. Positions are percentages, so that an svg needs neither style attributes nor a script.

import type { Outline } from "../articles/outline.ts";

export type Bar = { left: number; width: number; hasCode: boolean };

/** A labelled span of a big trace; `tone` says what the bar is made of. */
export type Span = {
  name: string;
  value: string;
  left: number;
  width: number;
  tone: "own" | "other" | "todo" | "lost";
};

// More bars than this are too thin to tell apart; what follows the twelfth is drawn as one.
const mostBars = 12;

/** An article's sections as bars over its reading time, in per cent with one decimal. */
export function fingerprint({ sections }: Outline): Bar[] {
  const last = sections.at(-1);
  const total = last ? last.startSeconds + last.seconds : 0;
  if (total === 0) return [];
  const bars = sections.map(({ startSeconds, seconds, hasCode }) => ({
    left: perCent(startSeconds / total),
    width: perCent(seconds / total),
    hasCode,
  }));
  const rest = bars.splice(mostBars - 1);
  const [first] = rest;
  if (first) bars.push({ ...first, width: perCent(1 - first.left / 100), hasCode: rest.some((bar) => bar.hasCode) });
  return bars;
}

export type Phase = { name: string; ms: number; tone: Span["tone"] };

/** Phases that followed each other, in ms, as spans over their sum. Bars are never thinner than can be seen. */
export function phaseSpans(phases: Phase[]): Span[] {
  const total = phases.reduce((sum, { ms }) => sum + ms, 0) || 1;
  let left = 0;
  return phases.map(({ name, ms, tone }) => {
    const width = Math.max(perCent(ms / total), 0.8);
    const span = {
      name,
      value: milliseconds(ms),
      left: Math.min(left, 99.2),
      width: Math.min(width, 100 - Math.min(left, 99.2)),
      tone,
    };
    left = perCent((left + width) / 100);
    return span;
  });
}

/** The phases take the first half; the page that is not there is the red span behind them. */
export function lostSpans(phases: Phase[]): Span[] {
  const found = phaseSpans(phases.slice(0, 2)).map((span) => ({ ...span, left: span.left / 2, width: span.width / 2 }));
  return [...found, { name: "Page", value: "404", left: 50, width: 50, tone: "lost" }];
}

/** "3.6 ms", "0.04 ms" */
export function milliseconds(ms: number): string {
  return `${ms >= 1 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

/** Where a span's words stand so that they fit on a phone too: inside a wide bar, else on the side that has more room. */
export function spanLabel({ left, width }: { left: number; width: number }) {
  const end = perCent((left + width) / 100);
  if (width > 36) return { x: left, offset: 12, place: "inside" };
  return 100 - end >= left ? { x: end, offset: 12, place: "after" } : { x: left, offset: -12, place: "before" };
}

const perCent = (share: number) => Math.round(share * 1000) / 10;
