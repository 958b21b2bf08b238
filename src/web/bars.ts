// Bars of the sections of an article. Positions are percentages, so the SVG needs neither style
// attributes nor a script.

import type { Outline } from "../articles/markdown.ts";

export type Bar = { left: number; width: number; hasCode: boolean };

/** Returns a bar for each section of an article, along its reading time. */
export function outlineBars({ sections }: Outline): Bar[] {
  const last = sections.at(-1);
  const total = last ? last.startSeconds + last.seconds : 0;
  if (total === 0) return [];
  return sections.map(({ startSeconds, seconds, hasCode }) => ({
    left: percent(startSeconds / total),
    width: percent(seconds / total),
    hasCode,
  }));
}

/** Returns a percentage with one decimal. */
const percent = (share: number) => Math.round(share * 1000) / 10;
