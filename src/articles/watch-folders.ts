// Tells which files of some folders were changed. Not recursive: Node's recursive watching on Linux takes a handle for every single file.

import { watch } from "node:fs";
import path from "node:path";

const settleMs = 20; // an editor writes in several steps
const lookEveryMs = 30_000; // some file systems tell of no changes

/**
 * Calls `look` with the paths that changed, one call after the other, and every 30 s with nothing, which means: look at everything.
 * A folder that does not exist is left to the latter. Answers a function that ends it.
 */
export function watchFolders(folders: string[], look: (changed?: string[]) => Promise<void>): () => void {
  let waiting = new Set<string>();
  let looking = Promise.resolve();
  let ended = false;
  const lookLater = () => {
    const changed = [...waiting];
    waiting = new Set();
    looking = looking.then(() => (ended ? undefined : look(changed)));
  };
  const watchers = folders.map((folder) => {
    const notice = (_event: string, name: string | null) => {
      if (name === null) return;
      if (waiting.size === 0) setTimeout(lookLater, settleMs);
      waiting.add(path.join(folder, name));
    };
    try {
      return watch(folder, notice).on("error", () => undefined);
    } catch {
      return undefined;
    }
  });
  const lookAtAll = () => {
    looking = looking.then(() => (ended ? undefined : look()));
  };
  const timer = setInterval(lookAtAll, lookEveryMs);
  return () => {
    ended = true;
    clearInterval(timer);
    for (const watcher of watchers) watcher?.close();
  };
}
