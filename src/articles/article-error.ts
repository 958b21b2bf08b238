// Errors in the files of authors: the file, the line, and what to do.

/** An error in an author's file: what is wrong, and in which line, from 1. */
export type ArticleError = { file: string; line: number; message: string };

/** Writes an error as "articles/queues.md:4: message". */
export const formatError = ({ file, line, message }: ArticleError) =>
  `${file}:${line}: ${message}`.replace(/\p{Cc}/gu, "\ufffd");

export type Report = (line: number, message: string) => void;

export const reportInto =
  (list: ArticleError[], file: string): Report =>
  (line, message) =>
    void list.push({ file, line, message });
