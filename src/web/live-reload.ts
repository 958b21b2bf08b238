// Development only: the open browser shows what was saved by itself. An event stream tells it, and a new process it hears of by reconnecting.

import { Router, type Response } from "express";

const script = `
const events = new EventSource("/dev/events");
let lost = false;
events.onerror = () => { lost = true; };
events.onopen = () => { if (lost) location.reload(); };
events.onmessage = () => location.reload();
`;

export function createLiveReload() {
  const listeners = new Set<Response>();
  const router = Router();
  router.get("/dev/reload.js", (_request, response) => void response.type("js").send(script));
  router.get("/dev/events", (request, response) => {
    request.socket.setTimeout(0); // it is silent until something is saved, and the page loads itself again when it ends
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("retry: 100\n\n");
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  });
  return {
    router,
    /** Makes every open page load itself again. */
    reload(): void {
      for (const listener of listeners) listener.write("data: saved\n\n");
    },
  };
}
