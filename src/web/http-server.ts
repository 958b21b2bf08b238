// The HTTP server: its limits, and the requests that it refuses before the page cache and Express. Node itself refuses what it cannot parse,
// with a status line only.

import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createRequire } from "node:module";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { securityHeaders } from "./middleware.ts";

// An import would load Node's fetch and WebSocket as well: 35 ms and 7 MB.
const { createServer } = createRequire(import.meta.url)("node:http") as typeof import("node:http");

const options = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 500, // the default of 30 s would make both timeouts up to 30 s late
  maxHeaderSize: 16 * 1024,
  joinDuplicateHeaders: true, // without it Node keeps the first of two Hosts or Content-Types and drops the other
};
const maxHeadersCount = 64;
const maxConnections = 4_000;
// Node would wait forever for a client that does not read its response. The timeout restarts whenever the client reads a part.
const unreadResponseTimeoutMs = 10_000;
const dropWarningIntervalMs = 60_000;

/** Returns a server that calls `listener` with each request it does not refuse. It does not listen yet. */
export function createHttpServer(
  listener: RequestListener,
  config: Config,
  { log, now }: { log: Log; now: () => Date },
): Server {
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
      response
        .writeHead(status, { ...headers, ...(status === 405 && { Allow: "GET, HEAD, POST" }) })
        .end(text);
    } else listener(request, response);
    // Most responses are in the kernel's buffer by now. A timer for each would cost more than the request.
    if (!response.writableFinished)
      response.setTimeout(
        unreadResponseTimeoutMs,
        () => response.headersSent && request.socket.destroy(),
      );
  };
  const server = createServer(options, onRequest);
  server.keepAliveTimeout = config.trustProxy === false ? 5_000 : 75_000; // longer than a proxy keeps an idle connection open
  Object.assign(server, { maxHeadersCount, maxConnections });

  const connectRefusal =
    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST\r\nConnection: close\r\n\r\n";
  server.on("connect", (_request, socket) => socket.end(connectRefusal));
  let reportedAt = 0;
  server.on("drop", () => {
    if (now().getTime() - reportedAt < dropWarningIntervalMs) return;
    reportedAt = now().getTime();
    log.warn(
      { connections: server.maxConnections },
      "the connection limit is reached: new connections are closed immediately",
    );
  });
  return server;
}

const validHost = /^[\w.~%!$&'()*+;=:[\]-]*$/; // RFC 9112, section 3.2, without the comma, with which Node joins two Host headers

/** Returns the status with which to refuse a request that Node's parser accepts, or undefined. */
function refusalOf({
  httpVersion,
  method,
  url = "",
  headers,
}: IncomingMessage): number | undefined {
  if (method === "TRACE" || url === "*") return method === "GET" ? 400 : 405;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 400; // Node accepts 0.9 and 2.0
  if (headers.host !== undefined && !validHost.test(headers.host)) return 400;
  return url.startsWith("/") || /^https?:\/\//i.test(url) ? undefined : 400;
}
