// What `npm run dev` adds: open pages reload after a save. Saving a view, a style sheet or a source
// file restarts the process, which also reloads them.

import { Router, type Response } from "express";

export type Development = ReturnType<typeof createDevelopment>;

// The browser connects again after each end of the stream.
const reloadScript = `
let isConnected = false;
new EventSource("/dev/events").onopen = () => {
  if (isConnected) location.reload();
  isConnected = true;
};
`;

export function createDevelopment() {
  const openPages = new Set<Response>();
  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(reloadScript));
  router.get("/dev/events", (_request, response) => {
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("retry: 100\n\n");
    openPages.add(response);
    response.on("close", () => openPages.delete(response));
  });

  /** Reloads every open page. */
  const reload = () => openPages.forEach((response) => response.end());
  return { router, reload };
}
