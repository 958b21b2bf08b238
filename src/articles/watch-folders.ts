// Tells which files of some folders were changed. Not recursive: Node's recursive watching on Linux takes a handle for every single file.

import { existsSync, watch, type FSWatcher } from "node:fs";
import path from "node:path";

const settleMs = 20; // an editor writes in several steps
const lookEveryMs = 30_000; // some file systems tell of no changes

/**
 * Calls `look` with the paths that changed, one call after the other, and every 30 s with nothing, which means: look at everything.
 * A folder that does not exist yet may lie in one of the others. `fail` hears of a look that failed; the next one happens all the same.
 * Answers a function that ends it.
 */
export function watchFolders(
  folders: string[],
  look: (changed?: string[]) => Promise<void> | void,
  fail: (error: unknown) => void,
): () => void {
  let waiting = new Set<string>();
  let looking = Promise.resolve();
  let ended = false;
  const watchers = new Map<string, FSWatcher>();

  function lookNext(changed?: string[]): void {
    looking = looking.then(() => (ended ? undefined : look(changed))).catch(fail);
  }
  function lookAtWaiting(): void {
    const changed = [...waiting];
    waiting = new Set();
    lookNext(changed);
  }
  function lookAtAll(): void {
    watchAll();
    lookNext();
  }
  function watchAll(): void {
    for (const folder of folders) {
      if (watchers.has(folder) || !existsSync(folder)) continue;
      watchers.set(
        folder,
        watch(folder, (_event, name) => notice(folder, name)).on("error", () => watchers.delete(folder)),
      );
    }
  }
  function notice(folder: string, name: string | null): void {
    if (name === null) return;
    const file = path.join(folder, name);
    if (folders.includes(file)) watchAnew(file);
    if (waiting.size === 0) setTimeout(lookAtWaiting, settleMs);
    waiting.add(file);
  }
  /** A folder was made just now, perhaps with files in it, or it is gone: a watcher of one that is gone hears nothing of its successor. */
  function watchAnew(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
    lookAtAll();
  }

  watchAll();
  const timer = setInterval(lookAtAll, lookEveryMs);
  return () => {
    ended = true;
    clearInterval(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
