// Errors and problems in the files of authors: the file, the line, and what to do.

import { closestMatch } from "leven";

/** Lines count from 1. An error keeps an article from being loaded, a problem does not. */
export type ArticleError = { file: string; line: number; message: string };

/** Formats an error as "articles/queues.md:4: message", without control characters. */
export const formatError = ({ file, line, message }: ArticleError) =>
  `${file}:${line}: ${message}`.replace(/\p{Cc}/gu, "\ufffd");

/** Adds a message about a line, from 1, to a list. */
export type Report = (line: number, message: string) => void;

const maxErrors = 50; // more than an author reads

/**
 * Returns a function that adds messages about a file to `list`, at most 50. Its lines count from
 * `firstLine` of the file.
 */
export function reportInto(list: ArticleError[], file: string, firstLine = 1): Report {
  let count = 0;
  return (line, message) => {
    count += 1;
    if (count <= maxErrors) list.push({ file, line: firstLine - 1 + line, message });
  };
}

const maxListLength = 200;

/**
 * Returns `, did you mean "draft"?` for the valid word that is one or two edits away or contains the
 * word. Otherwise returns the valid words, if their list is short.
 */
export function suggestWord(word: string, valid: string[]): string {
  const nearest =
    closestMatch(word, valid, { maxDistance: word.length < 5 ? 1 : 2 }) ??
    valid.find((one) => word.length > 3 && one.includes(word));
  if (nearest) return `, did you mean "${nearest}"?`;
  const list = valid.join(", ");
  return list && list.length <= maxListLength ? `; use one of ${list}` : "";
}
