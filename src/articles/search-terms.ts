// The words of a query: which ones are looked up, and how else they may be written.

const maxTerms = 8;
const maxQueryLength = 200;
// Nearly every article has these, so they rank nothing. A query that has only such words is looked up in titles and headings.
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
  const words = [...new Set(foldCase(query.slice(0, maxQueryLength)).match(/[\p{L}\p{N}]+/gu) ?? [])];
  const distinctive = words.filter((word) => !isCommon(word));
  return (distinctive.length > 0 ? distinctive : words).slice(0, maxTerms);
}

/** Whether nearly every article has this word. */
export const isCommon = (word: string) => commonWords.has(word);

/** Returns a word as two words, in every way: "timezone" is also written "time zone". Parts of one letter would find too much. */
export function partsOf(word: string): string[] {
  const letters = Array.from(word);
  return letters.slice(2, -1).map((_letter, index) => `${letters.slice(0, index + 2).join("")} ${letters.slice(index + 2).join("")}`);
}

const foldCase = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
