// What `npm run dev` adds: open pages reload after a save. Saving a view, a style sheet or a source
// file restarts the process, which also reloads them.

import { randomUUID } from "node:crypto";
import { Router, type Response } from "express";

export type Development = ReturnType<typeof createDevelopment>;

// Each message is a version of the site. A browser whose stream was closed connects again, and
// reloads the page only if the version has changed.
const reloadScript = `
let shown;
new EventSource("/dev/events").onmessage = ({ data }) => {
  if (shown !== undefined && shown !== data) location.reload();
  shown = data;
};
`;

export function createDevelopment() {
  const openPages = new Set<Response>();
  let version = randomUUID();
  const sendVersion = (response: Response) => response.write(`retry: 100\ndata: ${version}\n\n`);

  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(reloadScript));
  router.get("/dev/events", (_request, response) => {
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    sendVersion(response);
    openPages.add(response);
    response.on("close", () => openPages.delete(response));
  });

  /** Reloads every open page. */
  const reload = (): void => {
    version = randomUUID();
    openPages.forEach(sendVersion);
  };
  return { router, reload };
}
