// What `npm run dev` adds: pages show what the author's check finds, and an open browser shows by itself what was saved.

import { readFileSync, watch } from "node:fs";
import path from "node:path";
import { Router, type Response } from "express";
import type { ArticleError } from "../articles/article.ts";
import { createCheck } from "../articles/check.ts";
import type { Library } from "../articles/library.ts";
import { linkablePaths } from "./pages.ts";
import { forgetViews } from "../views.ts";
import { staticDir } from "./assets.ts";

export type Development = Awaited<ReturnType<typeof createDevelopment>>;

const watchedFolders = ["views", "views/pages", "views/partials", "views/machines", "views/dev", "static/css"];

const settleMs = 20; // an editor writes a file in several steps

const reloadScript = `
const events = new EventSource("/dev/events");
let lost = false;
events.onerror = () => { lost = true; };
events.onopen = () => { if (lost) location.reload(); };
events.onmessage = () => location.reload();
`;

export async function createDevelopment(library: Library, now: () => Date) {
  const listeners = new Set<Response>();
  let findings: ArticleError[] = [];

  const checkArticles = createCheck(library, readFileSync(path.join(staticDir, "fonts/characters.txt"), "utf8"), linkablePaths());

  async function check(): Promise<void> {
    findings = await checkArticles(now());
  }

  /** Makes every open page load itself again. A new process they hear of by reconnecting. */
  function reload(): void {
    for (const listener of listeners) listener.write("data: saved\n\n");
  }

  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(reloadScript));
  router.get("/dev/events", (request, response) => {
    // It is silent until something is saved, and the page loads itself again when it ends; the edge sets its time-out after this.
    setImmediate(() => request.socket.setTimeout(0));
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("retry: 100\n\n");
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  });

  await check();

  return {
    router,

    /** What the check found last. */
    findings: () => findings,

    /** An article was saved: the page shows it with what the check finds. */
    async articlesChanged(): Promise<void> {
      await check();
      reload();
    },

    /** Calls `renew` and reloads when a view or a style was saved, until the answer is called. `fail` hears why `renew` could not. */
    watch(renew: () => void, fail: (error: unknown) => void): () => void {
      let timer: NodeJS.Timeout | undefined;
      const saved = () => {
        try {
          forgetViews();
          renew();
          reload();
        } catch (error) {
          fail(error);
        }
      };
      const watchers = watchedFolders.map((folder) =>
        watch(path.join(staticDir, "..", folder), () => {
          clearTimeout(timer);
          timer = setTimeout(saved, settleMs);
        }),
      );
      return () => {
        clearTimeout(timer);
        for (const watcher of watchers) watcher.close();
      };
    },
  };
}
