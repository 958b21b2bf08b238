// Searches the fixed pages, for visitors who look for what we offer and not for an article.

import { searchWords } from "../articles/search.ts";
import type { FixedPage, Page } from "./pages.ts";

const maxPages = 2;

/**
 * `contentOf` returns the HTML that a page shows: its words are read once for each `version`, because
 * the home page lists articles.
 */
export function createPageSearch(
  pages: FixedPage[],
  contentOf: (page: Page) => string,
  version: () => number,
) {
  let readAt: number | undefined;
  let index: { page: FixedPage; asked: Set<string>[]; shown: Set<string> }[] = [];
  const read = () =>
    pages.map((page) => ({
      page,
      asked: (page.alsoFoundAs ?? []).map((query) => new Set(searchWords(query))),
      shown: new Set(searchWords(textOf(contentOf(page)))),
    }));

  /** Pages with this query in their row. If no article has all its words, those that show them. */
  return (query: string, isInArticles: boolean) => {
    if (readAt !== version()) [index, readAt] = [read(), version()];
    const words = new Set(searchWords(query));
    if (words.size === 0) return [];
    const isSame = (other: Set<string>) => words.size === other.size && words.isSubsetOf(other);
    const asked = index.filter(({ asked }) => asked.some(isSame));
    const shown = isInArticles ? [] : index.filter(({ shown }) => words.isSubsetOf(shown));
    return (asked.length > 0 ? asked : shown).slice(0, maxPages).map(({ page }) => page);
  };
}

/** A drawing has no words, and "&nbsp;" separates two. */
const textOf = (html: string): string => html.replace(/<svg.*?<\/svg>|<[^>]*>|&#?\w+;/gs, " ");
