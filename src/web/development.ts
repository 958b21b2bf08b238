// What `npm run dev` adds: pages list the mistakes that the author's check finds, and open pages reload after a file is saved. Saving a
// view, style sheet or source file restarts the process, which also reloads them.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Router, type Response } from "express";
import type { ArticleError } from "../articles/article.ts";
import { checkArticles } from "../articles/check.ts";
import type { Library } from "../articles/library.ts";
import { staticDir } from "./assets.ts";
import { linkablePaths } from "./pages.ts";

export type Development = Awaited<ReturnType<typeof createDevelopment>>;

// Each message is a version of the site. The server closes an idle stream after a while. The browser then reconnects, and reloads the page
// only if the version has changed.
const reloadScript = `
let shown;
new EventSource("/dev/events").onmessage = ({ data }) => {
  if (shown !== undefined && shown !== data) location.reload();
  shown = data;
};
`;

export async function createDevelopment(library: Library, now: () => Date) {
  const characters = readFileSync(path.join(staticDir, "fonts/characters.txt"), "utf8");
  const check = () => checkArticles(library, characters, linkablePaths(), now());
  const openPages = new Set<Response>();
  let version = randomUUID();
  let findings: ArticleError[] = await check();

  const sendVersion = (response: Response) => response.write(`retry: 100\ndata: ${version}\n\n`);

  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(reloadScript));
  router.get("/dev/events", (_request, response) => {
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    sendVersion(response);
    openPages.add(response);
    response.on("close", () => openPages.delete(response));
  });

  return {
    router,

    /** Returns what the last check found. */
    findings: () => findings,

    /** Checks the articles again and reloads every open page. */
    async articlesChanged(): Promise<void> {
      findings = await check();
      version = randomUUID();
      openPages.forEach(sendVersion);
    },
  };
}
