// Bars of the sections of an article. Positions are percentages, so the SVG needs neither style
// attributes nor a script.

import type { Outline } from "../articles/markdown.ts";

/** Returns the sections of an article with the places of their bars, along its reading time. */
export function outlineBars({ sections }: Outline) {
  const last = sections.at(-1);
  const total = last ? last.startSeconds + last.seconds : 0;
  if (total === 0) return [];
  return sections.map((section) => ({
    ...section,
    left: percent(section.startSeconds / total),
    width: percent(section.seconds / total),
  }));
}

/** Returns a percentage with one decimal. */
const percent = (share: number) => Math.round(share * 1000) / 10;
