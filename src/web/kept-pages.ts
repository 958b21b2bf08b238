// Pages as bytes, compressed and served before Express is entered. Measured for a page of 23 KB: 20 µs of CPU a request, where the same
// bytes through Express cost 51 µs, and rendering and compressing them 925 µs. It comes out by one line in site.ts; then every page is
// rendered for every request, and none is compressed.

import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Library } from "../articles/library.ts";
import { cacheControl, type Freshness } from "./guards.ts";

type Coding = "br" | "gzip" | "identity";
type Bodies = Partial<Record<Coding, Buffer>> & { identity: Buffer };
type Kept = {
  status: number;
  headers: OutgoingHttpHeaders;
  bodies: Bodies;
  freshness: Freshness | undefined;
  libraryVersion: number;
  /** Milliseconds since 1970. */
  validUntil: number;
  wanted: boolean;
};

const budgetBytes = 64 * 1024 * 1024;
const smallestBytes = 500; // below it, compressing gains nothing
const compressible = /^(text\/|application\/(atom\+xml|feed\+json|json|xml)|image\/svg)/;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Answers from kept pages where it can; else lets `app` answer, compresses that, and keeps it where caches may. */
export function keepPages(app: RequestListener, library: Library, now: () => Date): RequestListener {
  const pages = new Map<string, Kept>();
  const waitingFor = new Map<string, (() => void)[]>();
  let bytes = 0;

  function find(key: string): Kept | undefined {
    const page = pages.get(key);
    if (!page || (page.libraryVersion === library.version() && now().getTime() < page.validUntil)) return page;
    bytes -= sizeOf(page);
    pages.delete(key);
    return undefined;
  }

  function keep(key: string, page: Kept): void {
    pages.set(key, page);
    bytes += sizeOf(page);
    if (page.freshness) page.validUntil = endOf(page.freshness);
    for (const [oldest, candidate] of pages) {
      if (bytes <= budgetBytes) break;
      pages.delete(oldest);
      // What was asked for since the last round stays for another.
      if (candidate.wanted) pages.set(oldest, Object.assign(candidate, { wanted: false }));
      else bytes -= sizeOf(candidate);
    }
    if (isCompressible(page)) void compressWell(page.bodies);
  }

  function answer(request: IncomingMessage, response: ServerResponse, page: Kept): void {
    page.wanted = true;
    const coding = isCompressible(page) ? bestCoding(request.headers["accept-encoding"]) : "identity";
    const headers = headersFor(page, coding);
    if (page.freshness) headers["cache-control"] = cacheControl(...page.freshness, library.nextPublishing(now()), now());
    if (headers["etag"] && isKnown(request.headers["if-none-match"], headers["etag"])) {
      response.writeHead(304, headers).end();
      return;
    }
    const body = (page.bodies[coding] ??= compress(page.bodies.identity, coding));
    response.writeHead(page.status, { ...headers, "content-length": body.length });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  /** Lets the app answer, and takes what it ends with. A `key` says that others wait for the same page. */
  function render(request: IncomingMessage, response: ServerResponse, key: string | undefined): void {
    const { method = "GET", headers } = request;
    const ifNoneMatch = headers["if-none-match"];
    if (key) request.method = "GET"; // HEAD is answered from the same page
    if (key) delete headers["if-none-match"]; // the app knows the page only without its compression
    const goOn = () => {
      const waiting = (key && waitingFor.get(key)) || [];
      if (key) waitingFor.delete(key);
      for (const next of waiting) next();
    };
    const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
    const takeEnd = (...given: unknown[]): ServerResponse => {
      const [content] = given;
      response.end = end;
      if (response.headersSent || !(typeof content === "string" || Buffer.isBuffer(content))) return end(...given);
      const page = pageOf(response, Buffer.from(content as string));
      if (key && page.freshness && page.status === 200) keep(key, page);
      Object.assign(request, { method });
      if (ifNoneMatch) headers["if-none-match"] = ifNoneMatch;
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      answer(request, response, page);
      return response;
    };
    response.end = takeEnd as typeof response.end;
    response.once("close", goOn).once("finish", goOn);
    app(request, response);
  }

  function pageOf(response: ServerResponse, identity: Buffer): Kept {
    const { freshness } = (response as { locals?: { freshness?: Freshness } }).locals ?? {};
    const headers = { ...response.getHeaders() };
    const version = library.version();
    return { status: response.statusCode, headers, bodies: { identity }, freshness, libraryVersion: version, validUntil: 0, wanted: true };
  }

  /** Pages that caches may keep for less than a minute show a clock, and are made anew at each full minute; others each day. */
  function endOf([seconds]: Freshness): number {
    const everyMs = seconds < 60 ? minuteMs : dayMs;
    const next = (Math.floor(now().getTime() / everyMs) + 1) * everyMs;
    return Math.min(next, library.nextPublishing(now())?.getTime() ?? Infinity);
  }

  return (request, response) => {
    const key = keyOf(request);
    const page = key && find(key);
    const waiting = key && waitingFor.get(key);
    if (page) answer(request, response, page);
    else if (waiting) waiting.push(() => answerOrRender(request, response, key));
    else {
      if (key) waitingFor.set(key, []);
      render(request, response, key);
    }
  };

  function answerOrRender(request: IncomingMessage, response: ServerResponse, key: string): void {
    const page = find(key);
    if (page) answer(request, response, page);
    else render(request, response, undefined);
  }
}

/** The address, where a page may be kept under it: one without a query, but for the number of a page. */
function keyOf({ method, url = "", headers }: IncomingMessage): string | undefined {
  if ((method !== "GET" && method !== "HEAD") || url.length > 300 || !/^[^?#]+(\?page=\d+)?$/.test(url)) return undefined;
  return /markdown/i.test(headers.accept ?? "") ? undefined : url; // that is negotiated
}

const isCompressible = ({ headers, bodies }: Kept) =>
  bodies.identity.length >= smallestBytes && compressible.test(String(headers["content-type"])) && !headers["content-encoding"];

const sizeOf = ({ bodies }: Kept) => bodies.identity.length * 1.5 + 2_000; // with what compressing makes of it

function headersFor(page: Kept, coding: Coding): OutgoingHttpHeaders {
  const headers = { ...page.headers };
  if (!isCompressible(page)) return headers;
  headers["vary"] = headers["vary"] ? `${headers["vary"]}, Accept-Encoding` : "Accept-Encoding";
  if (coding === "identity") return headers;
  headers["content-encoding"] = coding;
  if (headers["etag"]) headers["etag"] = headers["etag"].replace(/"$/, `-${coding}"`);
  return headers;
}

const codings = new Map<string, Coding>();

/** The coding that a client likes best (RFC 9110, 12.5.3); of those it likes the same, the smallest. */
function bestCoding(accepted = ""): Coding {
  const known = codings.get(accepted);
  if (known) return known;
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(",")) {
    const [name = "", weight] = part.split(/\s*;\s*q\s*=\s*/);
    weights.set(name.trim(), weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get("*") ?? 0;
  const best = (["br", "gzip"] as const).toSorted((a, b) => weightOf(b) - weightOf(a))[0];
  const coding = best && weightOf(best) > 0 && weightOf(best) >= (weights.get("identity") ?? 0) ? best : "identity";
  if (codings.size < 1_000) codings.set(accepted, coding);
  return coding;
}

/** Whether the client has this version already. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch === "*" || (ifNoneMatch ?? "").split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag);
}

const brotli = (quality: number, { length }: Buffer) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: length },
});

function compress(identity: Buffer, coding: Coding): Buffer {
  if (coding === "br") return brotliCompressSync(identity, brotli(5, identity));
  return coding === "gzip" ? gzipSync(identity) : identity;
}

/** The best takes 20 ms, so another thread does it while the quick one is served. The tag stays: both decode to the same. */
async function compressWell(bodies: Bodies): Promise<void> {
  bodies.br = await promisify(brotliCompress)(bodies.identity, brotli(11, bodies.identity));
}
