// For `npm run dev`: open pages reload after a save, or show the errors of the articles. Saving a
// view, a style sheet or a source file restarts the process, which also reloads them.

import type { Express } from "express";
import { formatError } from "../../articles/article-error.ts";
import { addGetRoute, type RouteContext } from "../routing.ts";
import { urls } from "../../urls.ts";

const checkMs = 100;
/** After so many checks a comment is sent: the server ends a connection that is silent for 15 s. */
const checksPerComment = 50;

// The browser connects again after each end of the stream of events.
const reloadScript = `
let isConnected = false;
const events = new EventSource("${urls.reloadEvents}");
events.onopen = () => {
  if (isConnected) location.reload();
  isConnected = true;
};
const box = document.createElement("pre");
box.setAttribute("role", "alert");
box.style.cssText = "padding: 1rem; white-space: pre-wrap; color: var(--ground); background: var(--ink)";
events.onmessage = ({ data }) => {
  const errors = JSON.parse(data).join("\\n");
  box.textContent = "Readers see the last good version until this is corrected:\\n" + errors;
  document.body.prepend(box);
};
`;

export function liveReloadRoutes(app: Express, { library }: RouteContext): void {
  addGetRoute(app, urls.reloadScript, (_request, response) => {
    response.type("js").send(reloadScript);
  });

  addGetRoute(app, urls.reloadEvents, (_request, response) => {
    response.type("text/event-stream");
    response.write("retry: 100\n\n");
    const version = library.version();
    let shown = "[]";
    let checks = 0;
    const check = () => {
      checks += 1;
      const errors = JSON.stringify(library.errors().map(formatError));
      if (library.version() !== version) response.end();
      else if (errors !== shown) response.write(`data: ${errors}\n\n`);
      else if (checks % checksPerComment === 0) response.write(":\n\n");
      shown = errors;
    };
    check();
    const timer = setInterval(check, checkMs);
    response.on("close", () => clearInterval(timer));
  });
}
