// Searches the fixed pages, for visitors who look for what we offer and not for an article.

import { searchWords } from "../articles/search.ts";
import type { FixedPage, Page } from "./pages.ts";

const maxPages = 2;

/**
 * Creates the search. `contentOf` returns the HTML that a page shows. Its words are read once for
 * each `version` of the library, because the home page lists articles.
 */
export function createPageSearch(
  pages: FixedPage[],
  contentOf: (page: Page) => string,
  version: () => number,
) {
  let readAt: number | undefined;
  type Asked = { words: Set<string>; fragment: string };
  let index: { page: FixedPage; asked: Asked[]; shown: Set<string> }[] = [];
  const read = () =>
    pages.map((page) => ({
      page,
      asked: Object.entries(page.alsoFoundAs ?? {}).flatMap(([fragment, queries]) =>
        queries.map((query) => ({ words: new Set(searchWords(query)), fragment })),
      ),
      shown: new Set(searchWords(textOf(contentOf(page)))),
    }));

  /**
   * Returns the pages that have this query in their row of the table, with the address of the
   * section that answers it. If there is none and no article has all words of the query, it returns
   * the pages whose text has all of them.
   */
  return (query: string, isInArticles: boolean) => {
    if (readAt !== version()) [index, readAt] = [read(), version()];
    const words = new Set(searchWords(query));
    if (words.size === 0) return [];
    const isSame = (other: Asked) =>
      words.size === other.words.size && words.isSubsetOf(other.words);
    const answering = index.flatMap(({ page, asked }) => {
      const match = asked.find(isSame);
      return match ? [{ ...page, path: page.path + match.fragment }] : [];
    });
    if (answering.length > 0 || isInArticles) return answering.slice(0, maxPages);
    const showing = index.filter(({ shown }) => words.isSubsetOf(shown));
    return showing.slice(0, maxPages).map(({ page }) => page);
  };
}

/** Returns the words of HTML. A drawing has none, and "&nbsp;" separates two. */
const textOf = (html: string): string => html.replace(/<svg.*?<\/svg>|<[^>]*>|&#?\w+;/gs, " ");
