// Sends responses: send() compresses, writes and stores one, and serve() writes a stored one before
// Express runs.

import { hash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { brotliCompress, brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Response } from "express";
import type { Library } from "../articles/library.ts";

/** How long a response may be cached. Without any of these it is not stored, and sent as no-store. */
export type Caching = {
  /** Seconds for which any cache may use it. It is stored until the library changes. */
  maxAge?: number;
  /** The Cache-Control header, in place of `maxAge`. */
  cacheControl?: string;
};

/** `type` is a media type or a file extension. */
export type Content = Caching & { status?: number; body: string | Buffer; type: string };

export type PageCache = {
  /** Writes the stored response and returns true, or returns false: Express has to respond. */
  serve: (request: IncomingMessage, response: ServerResponse) => boolean;
  /**
   * Sends a response, compressed and with ETag, Vary and Cache-Control, or a 304. Stores it if its
   * URL has no query: there are as many as the site has pages.
   */
  send: (response: Response, content: Content) => void;
};

type Coding = "br" | "gzip" | "identity";
type Encoded = {
  body: Buffer;
  etag: string;
  headers: OutgoingHttpHeaders;
  headers304: OutgoingHttpHeaders;
};
type Entry = {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
  bodyHash: string;
  isCompressible: boolean;
  encoded: Partial<Record<Coding, Encoded>>;
  /** It is valid for this version of the library, and between these times (ms since 1970). */
  version: number;
  at: number;
  until: number;
};

const dayMs = 86_400_000;
const compressibleTypes = /^(text\/|application\/(atom\+xml|json|xml)|image\/svg)/;
const minCompressedBytes = 500; // compression does not shrink a smaller body
/** Half of the threads that also draw images, read files and look up names. */
const maxCompressions = 2;

type Articles = Pick<Library, "version" | "nextPublishing">;

/** If it is not enabled, as in development, responses are sent but not stored. */
export function createPageCache(
  library: Articles,
  clock: () => Date,
  isEnabled: boolean,
): PageCache {
  const entries = new Map<string, Entry>();
  /** The version of the library, and the time, that a handler may have read. */
  const begun = new WeakMap<ServerResponse, { version: number; at: number }>();
  const present = () => ({ version: library.version(), at: clock().getTime() });

  const serve: PageCache["serve"] = (request, response) => {
    const { method, url = "" } = request;
    const entry = method === "GET" || method === "HEAD" ? entries.get(url) : undefined;
    const now = present();
    // A clock that moved backwards also invalidates an entry.
    const isValid = entry?.version === now.version && entry.at <= now.at && now.at < entry.until;
    if (isValid) return write(request, response, entry);
    begun.set(response, now);
    return false;
  };

  const send: PageCache["send"] = (response, content) => {
    const { status = 200, body, type, maxAge = 0, cacheControl } = content;
    const { version, at } = begun.get(response) ?? present();
    const isCacheable = isEnabled && status === 200 && content.maxAge !== undefined;
    const publishingAt = library.nextPublishing(new Date(at))?.getTime() ?? Infinity;
    const seconds = Math.min(maxAge, Math.floor((publishingAt - at) / 1_000));
    const own = isCacheable ? `public, max-age=${seconds}` : response.get("Cache-Control");
    response.type(type).set("Cache-Control", cacheControl ?? own ?? "no-store");
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const isCompressible =
      bytes.length >= minCompressedBytes &&
      compressibleTypes.test(response.get("Content-Type") ?? "");
    if (isCompressible) response.vary("Accept-Encoding");
    const entry: Entry = {
      status,
      headers: response.getHeaders(),
      body: bytes,
      bodyHash: status === 200 ? hash("sha256", bytes, "base64url").slice(0, 27) : "",
      isCompressible,
      encoded: {},
      version,
      at,
      // For a day at most. No other cache may use it beyond the next publishing.
      until: Math.min((Math.floor(at / dayMs) + 1) * dayMs, publishingAt - seconds * 1_000),
    };
    const url = response.req.originalUrl;
    if (isCacheable && isPlainPath.test(url)) {
      entries.set(url, entry);
      if (isCompressible) compressBest(url);
    }
    write(response.req, response, entry);
  };

  const waiting = new Set<string>();
  let compressions = 0;

  /** Compresses a stored page at the best quality in the background: 15 % smaller, for 20 ms. */
  function compressBest(url: string): void {
    waiting.add(url);
    compressNext();
  }

  function compressNext(): void {
    const [url] = waiting;
    const entry = url === undefined ? undefined : entries.get(url);
    if (url === undefined || !entry || compressions === maxCompressions) return;
    waiting.delete(url);
    compressions += 1;
    brotliCompress(entry.body, brotliOptions(entry.body, 11), (error, body) => {
      compressions -= 1;
      // Same ETag: both bodies decode to the same bytes.
      if (!error) entry.encoded.br = encode(entry, "br", body);
      compressNext();
    });
  }

  return { serve, send };
}

/** Anything else in a request's target, such as a fragment, would be a new entry each time. */
const isPlainPath = /^\/[^?#%]*$/;

/** Node omits the body of a response to HEAD. */
function write({ headers }: IncomingMessage, response: ServerResponse, entry: Entry): true {
  const coding = entry.isCompressible ? codingOf(headers["accept-encoding"]) : "identity";
  const encoded = (entry.encoded[coding] ??= encode(entry, coding, compress(entry.body, coding)));
  if (matches(headers["if-none-match"], encoded.etag))
    response.writeHead(304, encoded.headers304).end();
  else response.writeHead(entry.status, encoded.headers).end(encoded.body);
  return true;
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

function encode({ headers, bodyHash }: Entry, coding: Coding, body: Buffer): Encoded {
  const etag = bodyHash && (coding === "identity" ? `"${bodyHash}"` : `"${bodyHash}-${coding}"`);
  const headers304 = { ...headers, ...(etag && { etag }) };
  const encoding = coding === "identity" ? {} : { "content-encoding": coding };
  const ofBody = { ...encoding, "content-length": body.length };
  return { body, etag, headers304, headers: { ...headers304, ...ofBody } };
}

/** Whether If-None-Match names this ETag. Only responses with status 200 have one. */
function matches(tags: string | undefined, etag: string): boolean {
  if (tags === undefined || etag === "") return false;
  return tags === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
