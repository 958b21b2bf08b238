// How many inquiries came from each page, for the digest and the command.

import type { SourceTable } from "./store/schema.ts";

/** Returns a line for each count: "12  The Builder Pattern in Java". An article that no longer exists is named by its slug. */
export function sourceLines(
  counts: SourceTable[],
  titleOf: (slug: string) => string | undefined,
): string[] {
  const width = Math.max(...counts.map(({ count }) => String(count).length));
  return counts.map(
    ({ slug, count }) =>
      `${String(count).padStart(width)}  ${slug === "" ? "The contact page" : (titleOf(slug) ?? slug)}`,
  );
}
