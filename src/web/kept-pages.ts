// Pages as bytes, compressed and served before Express is entered. Measured for a page of 23 KB: 20 µs of CPU a request, where the same
// bytes through Express cost 51 µs, and rendering and compressing them 925 µs. It comes out by one line in site.ts; then every page is
// rendered for every request, and none is compressed.

import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import type { Library } from "../articles/library.ts";
import { createCompressionQueue } from "./compression-queue.ts";
import { bestCoding, compress, type Coding } from "./content-coding.ts";
import { cacheControl, type Making } from "./middleware.ts";

type Bodies = Partial<Record<Coding, Buffer>> & { identity: Buffer };
/** An answer in one coding, ready to be written: header names and values in turn, for a whole page and for a 304. */
type Prepared = { etag: string; whole: string[]; known: string[]; body: Buffer };
type Kept = {
  status: number;
  headers: OutgoingHttpHeaders;
  bodies: Bodies;
  compressible: boolean;
  prepared: Partial<Record<Coding, Prepared>>;
  /** Undefined: neither to be kept nor to be called public. */
  making: Making | undefined;
  madeAt: number;
  /** Milliseconds since 1970; Infinity: none. */
  nextPublishing: number;
};

const budgetBytes = 64 * 1024 * 1024;
const smallestBytes = 500; // below it, compressing gains nothing
const compressibleTypes = /^(text\/|application\/(atom\+xml|feed\+json|json|xml)|image\/svg)/;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Answers from kept pages where it can; else lets `app` answer, compresses that, and keeps it where caches may. */
export function keepPages(app: RequestListener, library: Library, now: () => Date): RequestListener {
  const pages = new Map<string, Kept>();
  const waitingFor = new Map<string, (() => void)[]>();
  const compressLater = createCompressionQueue();
  let bytes = 0;

  function drop(key: string): void {
    const page = pages.get(key);
    if (page && pages.delete(key)) bytes -= sizeOf(page);
  }

  function find(key: string): Kept | undefined {
    const page = pages.get(key);
    if (page && isCurrent(page, now().getTime())) return page;
    drop(key);
    return undefined;
  }

  /** Whether a page still shows what there is: after a save or a publishing, those that it does not concern stay. */
  function isCurrent(page: Kept, at: number): boolean {
    const { making, madeAt, nextPublishing } = page;
    if (!making || at < madeAt || at >= endOf(making, madeAt)) return false; // also a clock that is set back makes it anew
    if (making.libraryVersion === library.version() && at < nextPublishing) return true;
    const sources = making.sources?.();
    if (sources?.length !== making.made.length || sources.some((source, index) => source !== making.made[index])) return false;
    making.libraryVersion = library.version();
    Object.assign(page, { prepared: {}, madeAt: at, nextPublishing: publishingAfter(at) });
    return true;
  }

  const publishingAfter = (at: number) => library.nextPublishing(new Date(at))?.getTime() ?? Infinity;

  /** First in, first out: a page that many ask for is made anew once for some thousand others, which nobody notices. */
  function keep(key: string, page: Kept): void {
    drop(key); // while one was made, its first visitor may have left and another have come
    pages.set(key, page);
    bytes += sizeOf(page);
    for (const oldest of pages.keys()) {
      if (bytes <= budgetBytes) break;
      drop(oldest);
    }
    if (!page.compressible) return;
    const done = (compressed: Buffer) => {
      page.bodies.br = compressed; // the ETag stays: both bodies decode to the same bytes
      delete page.prepared.br;
    };
    compressLater({ body: page.bodies.identity, isNeeded: () => pages.get(key) === page, done });
  }

  function answer(request: IncomingMessage, response: ServerResponse, page: Kept): void {
    const { "accept-encoding": accepted, "if-none-match": tags } = request.headers;
    const coding = page.compressible ? bestCoding(accepted) : "identity";
    const at = page.nextPublishing === Infinity ? 0 : now().getTime();
    const settled = at < page.nextPublishing - longestUse(page);
    const prepared = (settled && page.prepared[coding]) || prepare(page, coding, settled ? undefined : new Date(at));
    if (settled) page.prepared[coding] = prepared;
    if (tags !== undefined && page.status === 200 && isKnown(tags, prepared.etag)) {
      response.writeHead(304, prepared.known).end();
      return;
    }
    response.writeHead(page.status, prepared.whole);
    response.end(request.method === "HEAD" ? undefined : prepared.body);
  }

  /** Lets the app answer, and takes what it ends with. A `key` says that others wait for the same page. */
  function render(request: IncomingMessage, response: ServerResponse, key: string | undefined): void {
    const { method = "GET", headers } = request;
    const tags = headers["if-none-match"];
    // The app is asked for the whole page: HEAD and tags are looked at here, where its compression is known.
    if (method === "HEAD") request.method = "GET";
    if (tags) delete headers["if-none-match"];
    const goOn = () => {
      const waiting = (key && waitingFor.get(key)) || [];
      if (key) waitingFor.delete(key);
      for (const next of waiting) next();
    };
    const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
    const takeEnd = (...given: unknown[]): ServerResponse => {
      const [content] = given;
      response.end = end;
      request.method = method;
      if (tags) headers["if-none-match"] = tags;
      if (response.headersSent || !(typeof content === "string" || Buffer.isBuffer(content))) return end(...given);
      const page = pageOf(response, Buffer.from(content as string));
      if (key && page.making) keep(key, page);
      goOn(); // before this visitor has read the answer, which may take long
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      answer(request, response, page);
      return response;
    };
    response.end = takeEnd as typeof response.end;
    response.once("close", goOn);
    app(request, response);
  }

  function pageOf(response: ServerResponse, identity: Buffer): Kept {
    const { making } = (response as { locals?: { making?: Making } }).locals ?? {};
    const headers = { ...response.getHeaders() };
    const compressible = identity.length >= smallestBytes && compressibleTypes.test(String(headers["content-type"]));
    const good = response.statusCode === 200 ? making : undefined; // what failed after it was called public is not
    const madeAt = good ? now().getTime() : 0;
    const nextPublishing = good ? publishingAfter(madeAt) : Infinity;
    return { status: response.statusCode, headers, bodies: { identity }, compressible, prepared: {}, making: good, madeAt, nextPublishing };
  }

  const serve: RequestListener = (request, response) => {
    const key = keyOf(request);
    const page = key && find(key);
    const waiting = key && waitingFor.get(key);
    if (page) answer(request, response, page);
    else if (waiting) waiting.push(() => (find(key) ? serve(request, response) : render(request, response, undefined)));
    else {
      if (key) waitingFor.set(key, []);
      render(request, response, key);
    }
  };

  return serve;
}

// One page has as many addresses as a stranger likes, by queries it does not read, %-signs and names of hosts: each would be rendered,
// compressed for 20 ms and would put another page out.
const keptAddress = /^\/[^?#%]*$|^\/(articles|(topics|authors)\/[^/?#%]+)\?page=\d+$/;

/** The address, where a page may be kept under it: one without a query, but for the number of a list's page. */
function keyOf({ method, url = "", headers }: IncomingMessage): string | undefined {
  if ((method !== "GET" && method !== "HEAD") || url.length > 300 || !keptAddress.test(url)) return undefined;
  return /markdown/i.test(headers.accept ?? "") ? undefined : url; // that is negotiated
}

/** Pages that caches may keep for less than a minute show a clock, and are made anew at each full minute; others each day. */
function endOf({ freshness: [seconds] }: Making, madeAt: number): number {
  const everyMs = seconds < 60 ? minuteMs : dayMs;
  return (Math.floor(madeAt / everyMs) + 1) * everyMs;
}

/** For how many milliseconds caches may show a page. */
const longestUse = ({ making }: Kept) => (making ? (making.freshness[0] + making.freshness[1]) * 1_000 : 0);

const sizeOf = ({ bodies }: Kept) => bodies.identity.length * 1.5 + 2_000; // with what compressing makes of it

/** `at` is given where the next publishing instant is so near that the freshness shrinks from second to second. */
function prepare(page: Kept, coding: Coding, at: Date | undefined): Prepared {
  const { etag: tag = "", vary, "content-length": _ofIdentity, ...others } = page.headers;
  const etag = coding === "identity" ? tag : tag.replace(/"$/, `-${coding}"`);
  const body = (page.bodies[coding] ??= compress(page.bodies.identity, coding));
  const headers: OutgoingHttpHeaders = { ...others };
  const varies = [vary, page.compressible && "Accept-Encoding"].filter(Boolean).join(", ");
  if (etag) headers["etag"] = etag;
  if (varies) headers["vary"] = varies;
  if (page.making)
    headers["cache-control"] = cacheControl(...page.making.freshness, at && new Date(page.nextPublishing), at ?? new Date(0));
  const known = flat(headers);
  if (coding !== "identity") headers["content-encoding"] = coding;
  headers["content-length"] = body.length;
  return { etag, whole: flat(headers), known, body };
}

const flat = (headers: OutgoingHttpHeaders) => Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);

/** Whether the client has this version already. */
function isKnown(tags: string, etag: string): boolean {
  return etag !== "" && (tags === "*" || tags === etag || tags.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag));
}
