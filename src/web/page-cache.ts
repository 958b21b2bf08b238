// The page cache: compressed responses by URL, sent without running Express. Handlers finish a response with publish(), which stores it if
// allowed. A stored page costs about 20 µs of CPU, rendering and compressing it about 50 times as much (docs/benchmarks.md).

import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Response } from "express";
import type { Library } from "../articles/library.ts";
import {
  bestCoding,
  compress,
  createCompressionQueue,
  isCompressible,
  type Coding,
} from "./compression.ts";

/** How long caches may use a response. Without any of these it is not stored, and Cache-Control is what was set before, or no-store. */
export type Caching = {
  /** Seconds for which any cache may use the response. The page cache stores it until the library changes. */
  maxAge?: number;
  /** stale-while-revalidate in seconds, after `maxAge`. */
  staleSeconds?: number;
  /** The Cache-Control header, in place of `maxAge`. The page cache stores such a response only if it is `permanent`. */
  cacheControl?: string;
  /** The page cache stores the response until it is evicted. */
  permanent?: boolean;
};

/** `type` is a media type or a file extension. */
export type Content = Caching & { status?: number; body: string | Buffer; type: string };

/** Finishes a response: compresses and writes it with ETag, Vary and Cache-Control, handles If-None-Match, and stores it if allowed. */
export type Publish = (response: Response, content: Content) => void;

/** A response in one content coding. Headers are alternating names and values, as writeHead accepts. */
type Encoded = { body: Buffer; etag: string; headers: string[]; notModifiedHeaders: string[] };

type Entry = {
  status: number;
  headers: string[];
  body: Buffer;
  contentHash: string;
  compressible: boolean;
  encoded: Partial<Record<Coding, Encoded>>;
  /** The entry is valid for this version of the library, from `createdAt` until `expiresAt` (ms since 1970; Infinity: always). */
  version: number;
  createdAt: number;
  expiresAt: number;
};

const budgetBytes = 64 * 1024 * 1024;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const maxUrlLength = 300;
// Unknown query parameters and percent-encoding give a page any number of URLs. Only the canonical one is stored, or anybody could fill the
// cache with copies.
const cacheableUrl = /^\/[^?#%]*$|^\/(articles|(topics|authors)\/[^/?#%]+)\?page=\d+$/;

type Options = {
  library: Pick<Library, "version" | "nextPublishing">;
  now: () => Date;
  isEnabled: boolean;
};

export type PageCache = ReturnType<typeof createPageCache>;

/** If it is not enabled, as in development, responses are sent but not stored. */
export function createPageCache({ library, now, isEnabled }: Options) {
  const entries = new Map<string, Entry>();
  const compressLater = createCompressionQueue();
  let bytes = 0;

  /** Records the library's version and the time. Must run before a handler reads articles. */
  const recordVersion: RequestHandler = (_request, response, next) => {
    Object.assign(response.locals, { version: library.version(), begunAt: now().getTime() });
    next();
  };

  const publish: Publish = (
    response,
    { status = 200, body, type, maxAge, staleSeconds = 0, cacheControl, permanent },
  ) => {
    const { version, begunAt: createdAt } = response.locals as { version: number; begunAt: number };
    const identity = Buffer.from(body as string); // a Buffer is copied
    const freshness =
      maxAge !== undefined && isEnabled ? freshnessOf(maxAge, staleSeconds, createdAt) : undefined;
    const expiresAt = permanent ? Infinity : (freshness?.expiresAt ?? 0);
    response
      .type(type)
      .set(
        "Cache-Control",
        cacheControl ?? freshness?.cacheControl ?? response.get("Cache-Control") ?? "no-store",
      );
    const compressible = isCompressible(response.get("Content-Type") ?? "", identity);
    if (compressible) response.vary("Accept-Encoding");
    const headers = Object.entries(response.getHeaders()).flatMap(([name, value]) => [
      name,
      String(value),
    ]);
    const contentHash = status === 200 ? hash("sha256", identity, "base64url").slice(0, 27) : "";
    const entry = {
      status,
      headers,
      body: identity,
      contentHash,
      compressible,
      encoded: {},
      version,
      createdAt,
      expiresAt,
    };
    if (status === 200 && isEnabled && expiresAt > 0) store(response.req, entry);
    write(response.req, response, entry);
  };

  /** Returns Cache-Control and the expiry. No cache may use a page after the next scheduled article is published. */
  function freshnessOf(
    maxAge: number,
    staleSeconds: number,
    at: number,
  ): { cacheControl: string; expiresAt: number } {
    const publishingAt = library.nextPublishing(new Date(at))?.getTime() ?? Infinity;
    const secondsLeft = Math.floor((publishingAt - at) / 1_000);
    const fresh = Math.min(maxAge, secondsLeft);
    const stale = Math.min(staleSeconds, secondsLeft - fresh);
    // Pages with a maxAge of less than a minute show a clock.
    const periodMs = maxAge < 60 ? minuteMs : dayMs;
    const periodEnd = (Math.floor(at / periodMs) + 1) * periodMs;
    // Other caches could still use a response sent after this time once the next article is published.
    const lastUse = publishingAt - (fresh + stale) * 1_000;
    const cacheControl = `public, max-age=${fresh}${stale > 0 ? `, stale-while-revalidate=${stale}` : ""}`;
    return { cacheControl, expiresAt: Math.min(periodEnd, lastUse + 1, publishingAt) };
  }

  /** Evicts the oldest entries when the cache is full. */
  function store(request: Response["req"], entry: Entry): void {
    const key = request.originalUrl;
    if (!mayBeCached(request) || key.length > maxUrlLength || !cacheableUrl.test(key)) return;
    remove(key);
    entries.set(key, entry);
    bytes += sizeOf(entry);
    for (const oldest of entries.keys()) {
      if (bytes <= budgetBytes) break;
      remove(oldest);
    }
    if (!entry.compressible) return;
    const isNeeded = () => entries.get(key) === entry;
    // Same ETag: both bodies decode to the same bytes.
    compressLater(
      entry.body,
      isNeeded,
      (compressed) => (entry.encoded.br = encode(entry, "br", compressed)),
    );
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry && entries.delete(key)) bytes -= sizeOf(entry);
  }

  /** A clock that was set back also invalidates entries. */
  function isValid({ version, createdAt, expiresAt }: Entry): boolean {
    if (expiresAt === Infinity) return true;
    const at = now().getTime();
    return version === library.version() && at >= createdAt && at < expiresAt;
  }

  /** Writes the stored response and returns true, or returns false if there is no valid one. */
  function serve(request: IncomingMessage, response: ServerResponse): boolean {
    const entry = mayBeCached(request) ? entries.get(request.url ?? "") : undefined;
    if (!entry || !isValid(entry)) return false;
    write(request, response, entry);
    return true;
  }

  return { recordVersion, publish, serve };
}

/** If the client accepts Markdown, the route has to choose between Markdown and HTML. */
function mayBeCached({ method, headers: { accept = "" } }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && !/markdown/i.test(accept);
}

const sizeOf = ({ body }: Entry) => body.length * 1.5 + 2_000; // including compressed copies

/** Node omits the body of a response to HEAD. */
function write({ headers }: IncomingMessage, response: ServerResponse, entry: Entry): void {
  const coding = entry.compressible ? bestCoding(headers["accept-encoding"]) : "identity";
  const encoded = (entry.encoded[coding] ??= encode(entry, coding, compress(entry.body, coding)));
  const tags = headers["if-none-match"];
  if (tags !== undefined && matches(tags, encoded.etag))
    response.writeHead(304, encoded.notModifiedHeaders).end();
  else response.writeHead(entry.status, encoded.headers).end(encoded.body);
}

function encode({ headers, contentHash }: Entry, coding: Coding, body: Buffer): Encoded {
  const etag =
    contentHash && (coding === "identity" ? `"${contentHash}"` : `"${contentHash}-${coding}"`);
  const notModifiedHeaders = etag ? [...headers, "etag", etag] : headers;
  const encoding = coding === "identity" ? [] : ["content-encoding", coding];
  return {
    body,
    etag,
    notModifiedHeaders,
    headers: [...notModifiedHeaders, ...encoding, "content-length", String(body.length)],
  };
}

/** Whether If-None-Match names this ETag. Only responses with status 200 have one. */
function matches(tags: string, etag: string): boolean {
  return (
    etag !== "" &&
    (tags === "*" || tags.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag))
  );
}
