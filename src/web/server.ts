// The HTTP server: its limits, the headers of every response, and the requests that it refuses
// before the page cache and Express. Node itself refuses what it cannot parse, with a status line
// only.

import { hash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setImmediate as yieldToEventLoop, setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config.ts";

const options = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  // With the default of 30 s, both timeouts could end a connection up to 30 s late.
  connectionsCheckingInterval: 500,
  maxHeaderSize: 16 * 1024,
  // Node joins headers that occur twice. Otherwise it would take the first of two Hosts or
  // Content-Types, and drop the other.
  joinDuplicateHeaders: true,
};
const limits = {
  maxHeadersCount: 64,
  // A form of 256 KB may take 512 KB of V8's heap. So many are a third of MemoryMax in the unit.
  maxConnections: 300,
  // The server ends a connection after so much time without traffic, also that of a client which
  // does not read. No handler is so slow.
  timeout: 15_000,
};
const maxPipelined = 10;
/**
 * How long a connection may be idle while the server closes: a client sends its next request
 * sooner.
 */
const idleTimeoutMs = 500;

/**
 * Add no listener for "connect", "upgrade" or "clientError": Node would leave the socket's errors
 * to it, and a connection that is reset would end the process.
 */
export function createHttpServer(listener: RequestListener, config: Config): Server {
  const text = "We cannot read this request.\n";
  const headers = {
    ...defaultHeaders([], config),
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  };
  const isFlood = createPipelineLimit();

  const server = createServer(options, (request, response) => {
    // A response has no socket while an earlier one on the same connection is unfinished.
    if (response.socket === null && isFlood(request, response)) return request.socket.destroy();
    if (!isReadable(request)) return response.writeHead(400, headers).end(text);
    return listener(request, response);
  });
  // The site has to keep an idle connection open for longer than a proxy does.
  const keepAliveTimeout = config.trustProxy === false ? 5_000 : 75_000;
  return Object.assign(server, limits, { keepAliveTimeout });
}

/**
 * Returns the headers of every response. `inlineStyles` are the style elements of pages, which the
 * policy names by their hashes. Only development allows a script, the one that reloads a page.
 */
export function defaultHeaders(
  inlineStyles: string[],
  { production, development }: Config,
): Record<string, string> {
  const styles = inlineStyles.map((text) => ` 'sha256-${hash("sha256", text, "base64")}'`).join("");
  const policy =
    `default-src 'none'; style-src 'self'${styles}; img-src 'self'; font-src 'self'; connect-src 'self'; ` +
    `form-action 'self'; base-uri 'none'; frame-ancestors 'none'` +
    (production ? "; upgrade-insecure-requests" : "") +
    (development ? "; script-src 'self'" : "");
  return {
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    ...(production ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

/**
 * Returns a function that says whether to close a connection whose request waits for an earlier
 * response: because too many wait, or one isn't GET or HEAD. Node starts all requests of a packet
 * at once, and 800 could use up the memory.
 */
function createPipelineLimit() {
  const waiting = new WeakMap<Socket, number>();
  return ({ socket, method = "" }: IncomingMessage, response: ServerResponse): boolean => {
    const count = (waiting.get(socket) ?? 0) + 1;
    // No browser or proxy sends a form before it has the response to an earlier request.
    if (count > maxPipelined || !["GET", "HEAD"].includes(method)) return true;
    waiting.set(socket, count);
    response.on("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return false;
  };
}

/**
 * Returns whether there is one Host at most, and a target that Express can read: a path or an http
 * URL.
 */
function isReadable({ url = "", headers: { host = "" } }: IncomingMessage): boolean {
  if (host.includes(",")) return false; // Node joins two Host headers
  return url.startsWith("/") || (/^https?:/i.test(url) && URL.canParse(url));
}

/**
 * Accepts nothing new, sends one more response on each connection, and closes idle ones after
 * `idleTimeoutMs`, the others after `timeoutMs`.
 */
export async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  // The listener that ends keep-alive must run before the others, which may send the response
  // immediately.
  server.prependListener("request", (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  server.keepAliveTimeout = idleTimeoutMs; // counts for connections whose requests are in progress
  const closed = once(server, "close");
  // http.Server.close() also closes connections whose request is still in transit. In twenty
  // restarts under load it reset 9 of 94,000 requests, and net.Server.close() none of 85,000. With
  // the former, the deployments in test/deploy.long.test.ts drop one of their visits.
  NetServer.prototype.close.call(server);
  setTimeout(() => server.closeAllConnections(), timeoutMs + idleTimeoutMs);
  await Promise.race([closed, sleep(idleTimeoutMs)]);
  await yieldToEventLoop(); // lets requests in that arrived while a busy machine delayed the timer
  server.closeIdleConnections();
  await closed;
}
