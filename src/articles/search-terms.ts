// The words of a search query, and their alternative spellings.

const maxTerms = 8;
const maxQueryLength = 200;
// Nearly every article contains these, so they do not affect the ranking. A query with only such words searches titles and headings.
const commonWords = new Set(
  "a an and are as at be but by do for from how i if in is it its no not of on or our so that the they this to vs was we what when why will with you".split(
    " ",
  ),
);

/**
 * Returns the words of a query to look up: each once, at most eight, without common words unless there are no others. SQLite's time grows
 * with the square of the repeated words of a query: eight times "the" took 250 ms over twelve articles.
 */
export function searchTerms(query: string): string[] {
  const words = [
    ...new Set(foldCase(query.slice(0, maxQueryLength)).match(/[\p{L}\p{N}]+/gu) ?? []),
  ];
  const distinctive = words.filter((word) => !isCommon(word));
  return (distinctive.length > 0 ? distinctive : words).slice(0, maxTerms);
}

/** Whether nearly every article contains this word. */
export const isCommon = (word: string) => commonWords.has(word);

/** Returns every split of a word into two words, such as "time zone" for "timezone", without parts of one letter, which match too much. */
export function splitsOf(word: string): string[] {
  const letters = Array.from(word);
  return letters
    .slice(2, -1)
    .map(
      (_letter, index) =>
        `${letters.slice(0, index + 2).join("")} ${letters.slice(index + 2).join("")}`,
    );
}

const foldCase = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
