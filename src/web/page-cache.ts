// Sends responses: send() compresses, writes and stores one, and serve() writes a stored one before
// Express runs.

import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompress, brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Request, RequestHandler, Response } from "express";
import type { Library } from "../articles/library.ts";

/** How long a response may be cached. Without any of these it is not stored, and sent as no-store. */
export type Caching = {
  /** Seconds for which any cache may use it. It is stored until the library changes. */
  maxAge?: number;
  /** The Cache-Control header, in place of `maxAge`. */
  cacheControl?: string;
  /** It is stored for as long as the process runs. */
  permanent?: boolean;
};

/** `type` is a media type or a file extension. */
export type Content = Caching & { status?: number; body: string | Buffer; type: string };

/**
 * Sends a response, compressed and with ETag, Vary and Cache-Control, or a 304. Stores it if its URL
 * is canonical.
 */
export type Send = (response: Response, content: Content) => void;

type Coding = "br" | "gzip" | "identity";
/** Headers are alternating names and values, as writeHead accepts. */
type Encoded = { body: Buffer; etag: string; headers: string[]; headers304: string[] };
type Entry = {
  status: number;
  headers: string[];
  body: Buffer;
  bodyHash: string;
  isCompressible: boolean;
  encoded: Partial<Record<Coding, Encoded>>;
  /** The version of the library that the handler read. */
  version: number;
  /** It is valid between these times (ms since 1970). Until Infinity: for any version. */
  begunAt: number;
  until: number;
  /** The handler did not read the query, so the response is the same for every query. */
  isForAnyQuery: boolean;
};

const dayMs = 86_400_000;
const compressibleTypes = /^(text\/|application\/(atom\+xml|json|xml)|image\/svg)/;
const minCompressedBytes = 500; // compression does not shrink a smaller body
// Only these URLs are stored: there are as many as the site has pages.
const canonicalUrl = /^\/[^?#%]*$|^\/(articles|(topics|authors)\/[^/?#%]+)\?page=\d+$/;

type Options = {
  library: Pick<Library, "version" | "nextPublishing">;
  clock: () => Date;
  isEnabled: boolean;
};
export type PageCache = ReturnType<typeof createPageCache>;

/** If it is not enabled, as in development, responses are sent but not stored. */
export function createPageCache({ library, clock, isEnabled }: Options) {
  const entries = new Map<string, Entry>();

  /** Writes the stored response and returns true, or returns false if there is no valid one. */
  function serve(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = "" } = request;
    if (method !== "GET" && method !== "HEAD") return false;
    const entry = entries.get(url) ?? findForAnyQuery(url);
    if (!entry || !isValid(entry)) return false;
    write(request, response, entry);
    return true;
  }

  function findForAnyQuery(url: string): Entry | undefined {
    const entry = entries.get(url.split("?", 1)[0] ?? "");
    return entry?.isForAnyQuery ? entry : undefined;
  }

  /** A clock that was set back also invalidates entries. */
  function isValid({ version, begunAt, until }: Entry): boolean {
    if (until === Infinity) return true;
    const at = clock().getTime();
    return version === library.version() && at >= begunAt && at < until;
  }

  /** Records the library's version and the time. Must run before a handler reads articles. */
  const begin: RequestHandler = (_request, response, next) => {
    Object.assign(response.locals, { version: library.version(), begunAt: clock().getTime() });
    next();
  };

  const send: Send = (response, content) => {
    const { status = 200, body, type, maxAge, cacheControl, permanent = false } = content;
    const { version, begunAt, readsQuery } = response.locals as Locals;
    const isStored = isEnabled && status === 200 && (permanent || maxAge !== undefined);
    const { seconds, until } = lifetimeOf(begunAt, maxAge ?? 0);
    const own = isStored && !permanent ? `public, max-age=${seconds}` : undefined;
    response
      .type(type)
      .set("Cache-Control", cacheControl ?? own ?? response.get("Cache-Control") ?? "no-store");
    const bytes = Buffer.from(body as string); // a Buffer is copied
    const isCompressible =
      bytes.length >= minCompressedBytes &&
      compressibleTypes.test(response.get("Content-Type") ?? "");
    if (isCompressible) response.vary("Accept-Encoding");
    const entry: Entry = {
      status,
      headers: Object.entries(response.getHeaders()).flatMap(([name, value]) => [
        name,
        String(value),
      ]),
      body: bytes,
      bodyHash: status === 200 ? hash("sha256", bytes, "base64url").slice(0, 27) : "",
      isCompressible,
      encoded: {},
      version,
      begunAt,
      until: permanent ? Infinity : until,
      isForAnyQuery: !readsQuery,
    };
    if (isStored) store(response.req, entry);
    write(response.req, response, entry);
  };

  /**
   * Returns for how many seconds other caches may use a response that was begun at this time, and
   * until when it is stored here: for a day at most, and no cache uses it beyond the next publishing.
   */
  function lifetimeOf(at: number, maxAge: number): { seconds: number; until: number } {
    const publishingAt = library.nextPublishing(new Date(at))?.getTime() ?? Infinity;
    const seconds = Math.min(maxAge, Math.floor((publishingAt - at) / 1_000));
    const endOfDay = (Math.floor(at / dayMs) + 1) * dayMs;
    return { seconds, until: Math.min(endOfDay, publishingAt - seconds * 1_000) };
  }

  function store({ method, originalUrl, path }: Request, entry: Entry): void {
    const key = entry.isForAnyQuery ? path : originalUrl;
    if (!["GET", "HEAD"].includes(method) || !canonicalUrl.test(key)) return;
    entries.set(key, entry);
    if (entry.isCompressible) compressBest(entry);
  }

  return { serve, begin, send };
}

type Locals = { version: number; begunAt: number; readsQuery?: boolean };

/** Returns the query of a request. Only a handler that calls this may depend on it. */
export function queryOf({ originalUrl, res }: Request): URLSearchParams {
  if (res) res.locals["readsQuery"] = true;
  return new URLSearchParams(/\?.*$/s.exec(originalUrl)?.[0]);
}

/** Node omits the body of a response to HEAD. */
function write({ headers }: IncomingMessage, response: ServerResponse, entry: Entry): void {
  const coding = entry.isCompressible ? codingOf(headers["accept-encoding"]) : "identity";
  const encoded = (entry.encoded[coding] ??= encode(entry, coding, compress(entry.body, coding)));
  const tags = headers["if-none-match"];
  if (tags !== undefined && matches(tags, encoded.etag))
    response.writeHead(304, encoded.headers304).end();
  else response.writeHead(entry.status, encoded.headers).end(encoded.body);
}

const refused = String.raw`(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))`;
const acceptsBrotli = new RegExp(String.raw`\bbr\b${refused}`, "i");
const acceptsGzip = new RegExp(String.raw`\bgzip\b${refused}`, "i");

/** Returns the coding that compresses best among those that the client accepts. */
function codingOf(accepted = ""): Coding {
  if (acceptsBrotli.test(accepted)) return "br";
  return acceptsGzip.test(accepted) ? "gzip" : "identity";
}

const brotliOptions = (body: Buffer, quality: number) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  },
});

/** Brotli at quality 5 takes 0.5 ms for a page. */
function compress(body: Buffer, coding: Coding): Buffer {
  if (coding === "br") return brotliCompressSync(body, brotliOptions(body, 5));
  return coding === "gzip" ? gzipSync(body) : body;
}

/** Compresses a stored page at the best quality in the background: 15 % smaller, for 20 ms. */
function compressBest(entry: Entry): void {
  brotliCompress(entry.body, brotliOptions(entry.body, 11), (error, body) => {
    // Same ETag: both bodies decode to the same bytes.
    if (!error) entry.encoded.br = encode(entry, "br", body);
  });
}

function encode({ headers, bodyHash }: Entry, coding: Coding, body: Buffer): Encoded {
  const etag = bodyHash && (coding === "identity" ? `"${bodyHash}"` : `"${bodyHash}-${coding}"`);
  const headers304 = etag ? [...headers, "etag", etag] : headers;
  const encoding = coding === "identity" ? [] : ["content-encoding", coding];
  const length = ["content-length", String(body.length)];
  return { body, etag, headers304, headers: [...headers304, ...encoding, ...length] };
}

/** Whether If-None-Match names this ETag. Only responses with status 200 have one. */
function matches(tags: string, etag: string): boolean {
  if (etag === "") return false;
  return tags === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
