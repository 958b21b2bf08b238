// The server's edge: what is refused before a page is asked for, how long a client may take, and the answers that Node would give by
// itself, without our headers and without a word.

import { createServer, STATUS_CODES, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { securityHeaders } from "./middleware.ts";

const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 500, // the default of 30 s makes the two above that late
  maxHeaderSize: 16 * 1024,
  // A header that comes twice is joined by a comma and then is no valid one; Node would take the first of two Hosts or Content-Types.
  joinDuplicateHeaders: true,
  requireHostHeader: false, // Node's own refusal says nothing; below it is one of ours
};

/**
 * Node waits for ever for a client that does not read its answer. Where some of it was taken since it last looked Node looks once more,
 * so such a client is gone after 20 s.
 */
const silenceMs = 10_000;
/** 250 requests sent at once and never read cost 1 MB a connection: Node takes in all that a packet holds. */
const mostWaiting = 32;
const dropReportMs = 60_000;

const sentences: Record<number, string> = {
  400: "This request could not be read, so nothing was done with it. Open the address again in a browser.",
  405: "This address cannot be used in that way. Nothing was changed.",
  408: "The request took too long to arrive, so nothing was done with it. Send it again.",
  413: "The request is longer than we read, so nothing was done with it. Make it shorter.",
  417: "We cannot do what the Expect header asks for. Send the request again without it.",
  431: "The request's address or headers are longer than we read. Open the address again in a private window.",
};

/** The server around `answer`. It does not listen yet. */
export function createEdge(answer: RequestListener, config: Config, { log, now }: { log: Log; now: () => Date }): Server {
  const headersOf = (status: number) => ({
    ...securityHeaders("", config),
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(sentenceOf(status)),
    "Cache-Control": "no-store",
    Connection: "close",
    ...(status === 405 ? { Allow: "GET, HEAD, POST" } : {}),
  });
  const sentenceOf = (status: number) => `${sentences[status]}\nIf that does not help, write to ${config.contactEmail}.\n`;

  function refuse(response: ServerResponse, status: number): void {
    log.debug({ status }, "a request was refused before it reached a page");
    response.writeHead(status, headersOf(status)).end(sentenceOf(status));
  }

  /** Where Node hands over a socket and no request. */
  function refuseRaw(socket: Duplex, status: number): void {
    // Into an answer that has begun nothing can be written.
    if (answerOn(socket)?.headersSent || !socket.writable) return void socket.destroy();
    log.debug({ status }, "bytes were refused that are no request");
    const head = Object.entries(headersOf(status)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("")}\r\n${sentenceOf(status)}`, () => socket.destroy());
  }

  const waiting = new WeakMap<Duplex, number>();
  /** Whether too many requests of a connection stand behind an answer that is not out yet. Those who do not pipeline cost nothing here. */
  function asksTooMuch({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (response.socket) return false;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return count > mostWaiting;
  }

  const guarded: RequestListener = (request, response) => {
    const status = refusalOf(request);
    if (asksTooMuch(request, response)) request.socket.destroy();
    else if (status) refuse(response, status);
    else answer(request, response);
    // Most answers are with the kernel by now. A time-out on every socket would cost each of them two timers.
    if (!response.writableFinished) request.socket.setTimeout(silenceMs);
  };
  const server = createServer(limits, guarded);
  server.keepAliveTimeout = config.trustProxy === false ? 5_000 : 75_000; // longer than a proxy keeps its end
  server.maxHeadersCount = 64;
  server.maxConnections = 4_000;

  server.on("checkContinue", guarded); // who asks before sending a form is told to go on once the form may be read: guards.ts
  server.on("checkExpectation", (_request, response: ServerResponse) => refuse(response, 417));
  server.on("connect", (_request, socket) => refuseRaw(socket, 405));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseRaw(socket, statuses[error.code ?? ""] ?? 400));
  server.on("timeout", (socket) => {
    const answering = answerOn(socket);
    if (!answering || answering.headersSent) socket.destroy(); // else it waits for us, perhaps for the store
  });
  let reportedAt = 0;
  server.on("drop", () => {
    if (now().getTime() - reportedAt < dropReportMs) return;
    reportedAt = now().getTime();
    log.warn({ connections: server.maxConnections }, "there are as many connections as the site takes: new ones are closed at once");
  });
  return server;
}

/** The answer that a connection is at. It is no documented name; Node's own handlers of these events look there. */
const answerOn = (socket: Duplex) => (socket as { _httpMessage?: ServerResponse | null })["_httpMessage"];

const statuses: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

const host = /^[\w.~%!$&'()*+;=:[\]-]*$/; // RFC 9112, 3.2, but for the comma, which says that there were two

/** The status with which a request is refused that Node's parser lets pass, if it is. */
function refusalOf({ httpVersion, method, url = "", headers }: IncomingMessage): number | undefined {
  if (method === "TRACE" || (url === "*" && method === "OPTIONS")) return 405; // no address echoes requests; * asks for the whole server
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 400; // 0.9 and 2.0 pass the parser
  if (headers.host === undefined ? httpVersion === "1.1" : !host.test(headers.host)) return 400;
  return url.startsWith("/") || /^https?:\/\//i.test(url) ? undefined : 400;
}
