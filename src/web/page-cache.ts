// Sends responses: send() compresses, writes and stores one, and serve() writes a stored one before
// Express runs.

import { hash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import accepts from "accepts";
import type { Response } from "express";
import fresh from "fresh";
import type { Library } from "../articles/library.ts";

/**
 * Who may keep a copy of a response. With a number, anybody may for so many seconds. With
 * "forever", anybody may always, because the URL changes with the content. With "back", only the
 * visitor's browser may, whose Back button would otherwise show a form without the typed text. By
 * default nobody may.
 */
export type Caching = number | "forever" | "back" | undefined;

/** A response. `type` is a media type or a file extension. */
export type Content = { status?: number; body: string | Buffer; type: string; caching?: Caching };

export type PageCache = {
  /** Writes the stored response. Returns false if there is none, so that Express has to respond. */
  serve: (request: IncomingMessage, response: ServerResponse) => boolean;
  /**
   * Compresses and writes a response. One that is public is also stored, if its path is plain: the
   * site has a limited number of those.
   */
  send: (response: Response, content: Content) => void;
};

/** Names and values alternate, which Node writes faster than an object. */
type Headers = OutgoingHttpHeader[];
/** A stored response. It is rendered again at `until`, in ms since 1970. */
type Stored = {
  status: number;
  etag: string;
  headers: Headers;
  headers304: Headers;
  body: Buffer;
  until: number;
};

const compressibleTypes = /^(text\/|application\/(atom\+xml|json|xml)|image\/svg)/;
/**
 * A path is plain without query, fragment and encoded characters, which allow any number of
 * entries.
 */
const isPlainPath = /^\/[^?#%]*$/;

type Articles = Pick<Library, "version" | "nextPublishing">;

/**
 * Creates the cache. If it isn't enabled, no page is stored here or in a browser: in development an
 * author has to see each change.
 */
export function createPageCache(
  library: Articles,
  clock: () => Date,
  isEnabled: boolean,
): PageCache {
  const stored = new Map<string, Stored>();
  let version = library.version();

  const serve: PageCache["serve"] = (request, response) => {
    if (version !== library.version()) {
      version = library.version();
      stored.clear();
    }
    const { method } = request;
    const found = method === "GET" || method === "HEAD" ? stored.get(keyOf(request)) : undefined;
    if (!found || clock().getTime() >= found.until) return false;
    write(request, response, found);
    return true;
  };

  const send: PageCache["send"] = (response, { status = 200, body, type, caching }) => {
    const now = clock();
    const publishingAt = library.nextPublishing(now)?.getTime() ?? Infinity;
    const untilPublishing = Math.floor((publishingAt - now.getTime()) / 1_000);
    // No cache may still use its copy when the next article is published.
    const seconds = typeof caching === "number" ? Math.min(caching, untilPublishing) : 0;
    if (caching === "back") response.set("Cache-Control", "private, no-cache");
    else if (caching === "forever")
      response.set("Cache-Control", "public, max-age=31536000, immutable");
    else if (caching !== undefined && isEnabled)
      response.set("Cache-Control", `public, max-age=${seconds}`);
    const isPublic = caching !== undefined && caching !== "back";
    // Feed readers and other sites may show our images, but none of our pages.
    if (isPublic && type !== "html") response.set("Cross-Origin-Resource-Policy", "cross-origin");

    const request = response.req;
    const isStored = isEnabled && isPublic && isPlainPath.test(request.originalUrl);
    const content = typeof body === "string" ? Buffer.from(body) : body;
    response.status(status).type(type);
    // The ETag is weak, because it is the same for each coding of a content.
    const etag = `W/"${hash("sha256", content, "base64url").slice(0, 27)}"`;
    if (status === 200) response.set("ETag", etag);
    const isCompressible = compressibleTypes.test(response.get("Content-Type") ?? "");
    if (isCompressible) response.vary("Accept-Encoding");
    const coding = isCompressible ? chooseCoding(request) : "identity";
    const headers304 = headersOf(response);
    if (coding !== "identity") response.set("Content-Encoding", coding);
    const sent = compress(content, coding, isStored ? storedQuality : onceQuality);
    const headers = [...headersOf(response), "content-length", sent.length];
    // A copy that is sent last may be used for so many seconds more, so it is sent no later.
    const until = publishingAt - seconds * 1_000;
    const entry = { status, etag, headers, headers304, body: sent, until };
    if (isStored) stored.set(keyOf(request), entry);
    write(request, response, entry);
  };

  return { serve, send };
}

const keyOf = (request: IncomingMessage) => `${chooseCoding(request)} ${request.url}`;

const headersOf = (response: Response): Headers =>
  Object.entries(response.getHeaders()).flatMap(([name, value = ""]) => [name, value]);

/** Writes a stored response, or a 304 if the client has it already. Node sends no body for HEAD. */
function write(request: IncomingMessage, response: ServerResponse, stored: Stored) {
  const { status, etag, headers, headers304, body } = stored;
  const isKnown = status === 200 && fresh(request.headers, { etag });
  if (isKnown) response.writeHead(304, headers304).end();
  else response.writeHead(status, headers).end(body);
}

type Coding = "br" | "gzip" | "identity";

/** Prefers br to gzip: browsers name gzip first, and mean no preference. */
function chooseCoding(request: IncomingMessage): Coding {
  const accepted = accepts(request);
  if (accepted.encodings("br")) return "br";
  return accepted.encodings("gzip") ? "gzip" : "identity";
}

// Brotli compresses a page in 1 ms at quality 9. Quality 11 would take 70 ms and save 10 %. Quality
// 4 takes half a millisecond and makes a page 11 % longer: pages that aren't stored are sent with
// it.
const storedQuality = 9;
const onceQuality = 4;

function compress(body: Buffer, coding: Coding, quality: number): Buffer {
  if (coding === "identity") return body;
  if (coding === "gzip") return gzipSync(body, { level: quality === storedQuality ? 6 : 1 });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: 16, // a page fits into Brotli's window of 64 KB
  };
  return brotliCompressSync(body, { params });
}
