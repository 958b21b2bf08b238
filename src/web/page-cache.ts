// Sends responses: send() compresses, writes and stores one, and serve() writes a stored one before
// Express runs.

import { hash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Response } from "express";
import type { Library } from "../articles/library.ts";
import { dayMs } from "../calendar.ts";

/**
 * `maxAge`: for how many seconds any cache may use a 200. Without it, Cache-Control stays as it was
 * set, or becomes no-store.
 */
export type Caching = { maxAge?: number };

/** `type` is a media type or a file extension. */
export type Content = Caching & { status?: number; body: string | Buffer; type: string };

export type PageCache = {
  /** False: Express has to respond. */
  serve: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Also stores what is public at a plain path: the site has a limited number of those. */
  send: (response: Response, content: Content) => void;
};

type Coding = "br" | "gzip" | "identity";
type Encoded = { headers: OutgoingHttpHeaders; body: Buffer };
type Entry = Encoded & {
  status: number;
  /** Weak, because it is the same for each coding. Only responses with status 200 have one. */
  etag: string | undefined;
  isCompressible: boolean;
  encoded: Partial<Record<Coding, Encoded>>;
  /** The time (ms since 1970) after which the page is rendered again. */
  until: number;
};

const compressibleTypes = /^(text\/|application\/(atom\+xml|json|xml)|image\/svg)/;

type Articles = Pick<Library, "version" | "nextPublishing">;

/** If it is not enabled, as in development, responses are sent but not stored. */
export function createPageCache(
  library: Articles,
  clock: () => Date,
  isEnabled: boolean,
): PageCache {
  const entries = new Map<string, Entry>();
  let version = library.version();
  /** The version when the request arrived: a sharing image is read while articles may change. */
  const versionAtStart = new WeakMap<ServerResponse, number>();

  const serve: PageCache["serve"] = (request, response) => {
    if (version !== library.version()) {
      version = library.version();
      entries.clear();
    }
    const { method, url = "" } = request;
    const entry = method === "GET" || method === "HEAD" ? entries.get(url) : undefined;
    if (entry && clock().getTime() < entry.until) {
      write(request, response, entry);
      return true;
    }
    versionAtStart.set(response, version);
    return false;
  };

  const createEntry = (response: Response, content: Content): Entry => {
    const { status = 200, type, maxAge } = content;
    const body = typeof content.body === "string" ? Buffer.from(content.body) : content.body;
    const now = clock();
    const publishingAt = library.nextPublishing(now)?.getTime() ?? Infinity;
    const seconds = Math.min(maxAge ?? 0, Math.floor((publishingAt - now.getTime()) / 1_000));
    const endOfDay = (Math.floor(now.getTime() / dayMs) + 1) * dayMs; // in UTC
    const isAged = isEnabled && status === 200 && maxAge !== undefined;
    const own = isAged ? `public, max-age=${seconds}` : response.get("Cache-Control");
    response.type(type).set("Cache-Control", own ?? "no-store");
    const isCompressible = compressibleTypes.test(response.get("Content-Type") ?? "");
    if (isCompressible) response.vary("Accept-Encoding");
    const etag =
      status === 200 ? `W/"${hash("sha256", body, "base64url").slice(0, 27)}"` : undefined;
    return {
      status,
      headers: { ...response.getHeaders(), ...(etag && { etag }) },
      body,
      etag,
      isCompressible,
      encoded: {},
      // No copy may be fresh when the next article is published.
      until: Math.min(endOfDay, publishingAt - seconds * 1_000),
    };
  };

  const send: PageCache["send"] = (response, content) => {
    const entry = createEntry(response, content);
    const url = response.req.originalUrl;
    const isPublic = isEnabled && response.get("Cache-Control")?.startsWith("public");
    const isCurrent = versionAtStart.get(response) === version;
    const isStored = isPublic && isCurrent && isPlainPath.test(url);
    if (isStored) entries.set(url, entry);
    write(response.req, response, entry, isStored ? storedQuality : onceQuality);
  };

  return { serve, send };
}

/** Without a query, a fragment or an encoded character, which would allow any number of entries. */
const isPlainPath = /^\/[^?#%]*$/;

/** Node omits the body of a response to HEAD. */
function write(
  { headers }: IncomingMessage,
  response: ServerResponse,
  entry: Entry,
  quality = storedQuality,
): void {
  const isKnown = entry.etag && headers["if-none-match"]?.includes(entry.etag);
  if (isKnown) return void response.writeHead(304, entry.headers).end();
  const coding = entry.isCompressible ? chooseCoding(headers["accept-encoding"]) : "identity";
  const encoded = (entry.encoded[coding] ??= encode(entry, coding, quality));
  response.writeHead(entry.status, encoded.headers).end(encoded.body);
}

const refused = String.raw`(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))`;
const acceptsBrotli = new RegExp(String.raw`\bbr\b${refused}`, "i");
const acceptsGzip = new RegExp(String.raw`\bgzip\b${refused}`, "i");

function chooseCoding(accepted = ""): Coding {
  if (acceptsBrotli.test(accepted)) return "br";
  return acceptsGzip.test(accepted) ? "gzip" : "identity";
}

function encode(entry: Encoded, coding: Coding, quality: number): Encoded {
  const body = compress(entry.body, coding, quality);
  const encoding = coding === "identity" ? {} : { "content-encoding": coding };
  return { body, headers: { ...entry.headers, ...encoding, "content-length": body.length } };
}

// Brotli takes 1 ms for a page that is stored. Quality 11 takes 70 ms and saves 10 %. A page that is
// rendered for each request takes half as long at quality 4, and is 11 % longer.
const storedQuality = 9;
const onceQuality = 4;

function compress(body: Buffer, coding: Coding, quality: number): Buffer {
  if (coding === "identity") return body;
  if (coding === "gzip") return gzipSync(body, { level: quality === storedQuality ? 6 : 1 });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: 16, // 64 KB fit a page
  };
  return brotliCompressSync(body, { params });
}
