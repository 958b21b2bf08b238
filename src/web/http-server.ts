// The HTTP server: its limits, and the requests that it refuses before the page cache and Express see them. Node itself refuses what its
// parser cannot read, with a status line and nothing else.

import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { securityHeaders } from "./middleware.ts";

const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 500, // the default of 30 s would make both timeouts up to 30 s late
  maxHeaderSize: 16 * 1024,
  joinDuplicateHeaders: true, // without it Node keeps the first of two Hosts or Content-Types and drops the other
};
const maxHeadersCount = 64;
const maxConnections = 4_000;
// Node waits for ever for a client that does not read its response. The time begins again when the client reads a part.
const unreadResponseTimeoutMs = 10_000;
const dropReportMs = 60_000;

/** Returns a server that calls `listener` with each request it does not refuse. It does not listen yet. */
export function createHttpServer(listener: RequestListener, config: Config, { log, now }: { log: Log; now: () => Date }): Server {
  const text = `We cannot process this request. If you followed a link to get here, write to ${config.contactEmail}.\n`;
  const headers = {
    ...securityHeaders("", config),
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    Connection: "close",
  };

  const onRequest: RequestListener = (request, response) => {
    const status = refusalOf(request);
    if (status) {
      log.debug({ status }, "a request was refused before Express");
      response.writeHead(status, { ...headers, ...(status === 405 && { Allow: "GET, HEAD, POST" }) }).end(text);
    } else listener(request, response);
    // Most responses are in the kernel's buffer by now. A timer for each of them would cost more than the request.
    if (!response.writableFinished) response.setTimeout(unreadResponseTimeoutMs, () => response.headersSent && request.socket.destroy());
  };
  const server = createServer(limits, onRequest);
  server.keepAliveTimeout = config.trustProxy === false ? 5_000 : 75_000; // longer than a proxy keeps its end open
  Object.assign(server, { maxHeadersCount, maxConnections });

  server.on("checkContinue", onRequest); // the form's route sends 100 Continue once it accepts the body: middleware.ts
  const noConnect = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST\r\nConnection: close\r\n\r\n";
  server.on("connect", (_request, socket) => socket.end(noConnect));
  let reportedAt = 0;
  server.on("drop", () => {
    if (now().getTime() - reportedAt < dropReportMs) return;
    reportedAt = now().getTime();
    log.warn({ connections: server.maxConnections }, "the limit of connections is reached: new ones are closed at once");
  });
  return server;
}

const validHost = /^[\w.~%!$&'()*+;=:[\]-]*$/; // RFC 9112, 3.2, without the comma, which means that there were two

/** Returns the status for a request that Node's parser accepts and the site does not, or undefined. */
function refusalOf({ httpVersion, method, url = "", headers }: IncomingMessage): number | undefined {
  if (method === "TRACE" || url === "*") return method === "GET" ? 400 : 405;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 400; // Node accepts 0.9 and 2.0
  if (headers.host !== undefined && !validHost.test(headers.host)) return 400;
  return url.startsWith("/") || /^https?:\/\//i.test(url) ? undefined : 400;
}
