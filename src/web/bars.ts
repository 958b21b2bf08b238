// Bars of figures. Positions are percentages, so the SVG needs neither style attributes nor a
// script.

import type { Outline } from "../articles/markdown.ts";

export type Bar = { left: number; width: number; hasCode: boolean };

const maxBars = 12; // more would be too thin; the last bar is for all remaining sections

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

/**
 * Returns where a bar's label fits, also on a phone: inside a wide bar, or on the side with more
 * room.
 */
export function barLabel({ left, width }: { left: number; width: number }) {
  const end = percent((left + width) / 100);
  const isInside = width > 36;
  const isBefore = !isInside && 100 - end < left;
  return { x: isInside || isBefore ? left : end, offset: isBefore ? -12 : 12, isInside, isBefore };
}

/** Returns a percentage with one decimal. */
const percent = (share: number) => Math.round(share * 1000) / 10;
