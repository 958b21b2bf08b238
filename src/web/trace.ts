// Bars along an axis of time or size, for figures. Positions are percentages, so the SVG needs neither style attributes nor a script.

import type { Outline } from "../articles/outline.ts";

export type Bar = { left: number; width: number; hasCode: boolean };

const maxBars = 12; // more would be too thin; the last bar is for all remaining sections
const minWidth = 0.8; // a thinner bar would be invisible

/** Returns a bar for each section of an article, along its reading time. */
export function outlineBars({ sections }: Outline): Bar[] {
  const last = sections.at(-1);
  const total = last ? last.startSeconds + last.seconds : 0;
  if (total === 0) return [];
  const bars = sections.map(({ startSeconds, seconds, hasCode }) => ({
    left: percent(startSeconds / total),
    width: percent(seconds / total),
    hasCode,
  }));
  const rest = bars.splice(maxBars - 1);
  const [first] = rest;
  if (first)
    bars.push({
      ...first,
      width: percent(1 - first.left / 100),
      hasCode: rest.some((bar) => bar.hasCode),
    });
  return bars;
}

export type Phase = { name: string; ms: number; tone: "own" | "other" };

/** A bar with a label. `tone` names its colour. "lost" (missing) and "todo" (still to come) are dotted. */
export type Span = {
  name: string;
  value: string;
  left: number;
  width: number;
  tone: Phase["tone"] | "lost" | "todo";
};

/** Returns the spans of consecutive phases, which fill the first `share` (0 to 1) of the axis. */
export function phaseSpans(phases: Phase[], share = 1): Span[] {
  const total = phases.reduce((sum, { ms }) => sum + ms, 0) || 1;
  let startMs = 0;
  return phases.map(({ name, ms, tone }) => {
    const width = Math.max(percent(ms / total), minWidth);
    const left = Math.min(percent(startMs / total), 100 - width);
    startMs += ms;
    return { name, value: formatMs(ms), left: left * share, width: width * share, tone };
  });
}

export type Size = { name: string; size: number; tone?: Span["tone"] };

/** Returns a span for a size or a count, on an axis from 0 to `total`. */
export function sizeSpan({ name, size, tone = "other" }: Size, total: number): Span {
  const value = size.toLocaleString("en-GB");
  return { name, value, left: 0, width: percent(Math.min(size / total, 1)), tone };
}

/** Returns for example "3.6 ms" or "0.04 ms". */
export const formatMs = (ms: number): string => `${ms >= 1 ? ms.toFixed(1) : ms.toFixed(2)} ms`;

/** Returns where a span's label fits, also on a phone: inside a wide bar, otherwise on the side with more room. */
export function spanLabel({ left, width }: { left: number; width: number }) {
  const end = percent((left + width) / 100);
  if (width > 36) return { x: left, offset: 12, place: "inside" };
  return 100 - end >= left
    ? { x: end, offset: 12, place: "after" }
    : { x: left, offset: -12, place: "before" };
}

/** Returns a percentage with one decimal. */
const percent = (share: number) => Math.round(share * 1000) / 10;
