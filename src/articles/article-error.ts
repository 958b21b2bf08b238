// Errors in the files of authors: the file, the line, and what to do.

import { closestMatch } from "leven";

/** Lines count from 1. */
export type ArticleError = { file: string; line: number; message: string };

/** "articles/queues.md:4: message" */
export const formatError = ({ file, line, message }: ArticleError) =>
  `${file}:${line}: ${message}`.replace(/\p{Cc}/gu, "\ufffd");

export type Report = (line: number, message: string) => void;

const maxErrors = 50; // more than an author reads

/** `firstLine`: the line of the file that reports call line 1. */
export function reportInto(list: ArticleError[], file: string, firstLine = 1): Report {
  let count = 0;
  return (line, message) => {
    count += 1;
    if (count <= maxErrors) list.push({ file, line: firstLine - 1 + line, message });
  };
}

const maxListLength = 200;

/** `, did you mean "draft"?`, or the valid words if they are few, or "". */
export function suggestWord(word: string, valid: string[]): string {
  const nearest =
    closestMatch(word, valid, { maxDistance: word.length < 5 ? 1 : 2 }) ??
    valid.find((one) => word.length > 3 && one.includes(word));
  if (nearest) return `, did you mean "${nearest}"?`;
  const list = valid.join(", ");
  return list && list.length <= maxListLength ? `; use one of ${list}` : "";
}
