// What `npm run dev` adds: open pages reload after a save, or show the errors of the articles. Saving
// a view, a style sheet or a source file restarts the process, which also reloads them.

import { Router, type Response } from "express";

export type Development = ReturnType<typeof createDevelopment>;

// The browser connects again after each end of the stream.
const reloadScript = `
let isConnected = false;
const events = new EventSource("/dev/events");
events.onopen = () => {
  if (isConnected) location.reload();
  isConnected = true;
};
const box = document.createElement("pre");
box.setAttribute("role", "alert");
box.style.cssText = "padding: 1rem; white-space: pre-wrap; color: var(--ground); background: var(--ink)";
events.onmessage = ({ data }) => {
  box.textContent = JSON.parse(data).join("\\n");
  document.body.prepend(box);
};
`;

/** `errors` are those of the articles at the start. */
export function createDevelopment(errors: string[]) {
  let shown = errors;
  const openPages = new Set<Response>();
  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(reloadScript));
  router.get("/dev/events", (_request, response) => {
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("retry: 100\n\n");
    if (shown.length > 0) showErrors(response);
    openPages.add(response);
    response.on("close", () => openPages.delete(response));
  });

  const showErrors = (page: Response) => page.write(`data: ${JSON.stringify(shown)}\n\n`);
  return {
    router,
    /** Shows errors of articles on every open page. Without errors, reloads them. */
    update(articleErrors: string[]): void {
      shown = articleErrors;
      for (const page of openPages) {
        if (shown.length > 0) showErrors(page);
        else page.end();
      }
    },
  };
}
