// What `npm run dev` adds: pages show what the author's check finds, and an open browser shows by itself what was saved.

import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ArticleError } from "../articles/article.ts";
import { checkArticles } from "../articles/check.ts";
import { watchFolders } from "../articles/watch-folders.ts";
import { forgetViews } from "../views.ts";
import { staticDir } from "./assets.ts";
import { createLiveReload } from "./live-reload.ts";

export type Development = Awaited<ReturnType<typeof createDevelopment>>;

const watchedFolders = ["views", "views/pages", "views/partials", "views/machines", "views/dev", "static/css"];

export async function createDevelopment(articlesDir: string, now: () => Date) {
  const liveReload = createLiveReload();
  let findings: ArticleError[] = [];

  async function check(): Promise<void> {
    const characters = readFileSync(path.join(staticDir, "fonts/characters.txt"), "utf8");
    findings = await checkArticles(articlesDir, characters, now());
  }
  await check();

  return {
    router: liveReload.router,

    /** What the check found last. */
    findings: () => findings,

    /** An article was saved. The page waits a moment for what the check finds; with very many articles that comes with a second reload. */
    async articlesChanged(): Promise<void> {
      const checked = check();
      const inTime = await Promise.race([checked.then(() => true), sleep(200)]);
      liveReload.reload();
      if (inTime) return;
      await checked;
      liveReload.reload();
    },

    /** Calls `renew` and reloads when a view or a style was saved, until the answer is called. `fail` hears why `renew` could not. */
    watch(renew: () => void, fail: (error: unknown) => void): () => void {
      const folders = watchedFolders.map((folder) => path.join(staticDir, "..", folder));
      const look = (changed?: string[]) => {
        if (!changed) return;
        forgetViews();
        renew();
        liveReload.reload();
      };
      return watchFolders(folders, look, fail);
    },
  };
}
