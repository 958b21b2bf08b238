// Watches the articles for changes while the site runs.

import { setTimeout as sleep } from "node:timers/promises";
import { formatError, type ArticleError } from "./article.ts";
import type { Library } from "./library.ts";

const pollMs = 1_000;

/**
 * Checks the files of a library every second until the returned function is called. Calls `onChange` after each change with the errors in the
 * changed files and the new problems, and `onError` if the search index cannot be filled or the folder cannot be read, but not twice in a row
 * for the same error of the folder. Does not keep the process alive.
 */
export function watchLibrary(
  { refresh, indexReady, bodyProblems }: Pick<Library, "refresh" | "indexReady" | "bodyProblems">,
  onChange: (errors: ArticleError[], problems: ArticleError[]) => void,
  onError: (error: unknown) => void,
  intervalMs = pollMs,
): () => void {
  let stopped = false;
  let lastError = "";
  const check = async () => {
    const before = new Set(bodyProblems().map(formatError));
    const errors = await refresh();
    if (!errors) return;
    await indexReady().catch(onError); // readers already see the new articles, so their errors are still reported
    const added = bodyProblems().filter((problem) => !before.has(formatError(problem)));
    onChange(errors, added);
  };
  const run = async () => {
    for (;;) {
      await sleep(intervalMs, undefined, { ref: false });
      if (stopped) return;
      try {
        await check();
        lastError = "";
      } catch (error) {
        if (String(error) !== lastError) onError(error);
        lastError = String(error);
      }
    }
  };
  void run();
  return () => void (stopped = true);
}
