// Tells which files of some folders were changed. Not recursive: Node's recursive watching on Linux takes a handle for every single file.

import { existsSync, watch, type FSWatcher } from "node:fs";
import path from "node:path";

const settleMs = 20; // an editor writes in several steps
const lookEveryMs = 30_000; // some file systems tell of no changes

/**
 * Calls `look` with the paths that changed, one call after the other, and every 30 s with nothing, which means: look at everything.
 * A folder that does not exist yet may lie in one of the others. Answers a function that ends it.
 */
export function watchFolders(folders: string[], look: (changed?: string[]) => Promise<void> | void): () => void {
  let waiting = new Set<string>();
  let looking = Promise.resolve();
  let ended = false;
  const lookLater = () => {
    const changed = [...waiting];
    waiting = new Set();
    looking = looking.then(() => (ended ? undefined : look(changed)));
  };
  const watchers = new Map<string, FSWatcher>();
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
    if (folders.includes(file) && !watchers.has(file)) lookAtAll(); // made just now, perhaps with files in it
    if (waiting.size === 0) setTimeout(lookLater, settleMs);
    waiting.add(file);
  }
  function lookAtAll(): void {
    watchAll();
    looking = looking.then(() => (ended ? undefined : look()));
  }
  watchAll();
  const timer = setInterval(lookAtAll, lookEveryMs);
  return () => {
    ended = true;
    clearInterval(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
