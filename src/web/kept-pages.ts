// Pages as bytes, compressed and served before Express is entered. Measured for a page of 23 KB: 20 µs of CPU a request, where the same
// bytes through Express cost 51 µs, and rendering and compressing them 925 µs. It comes out by one line in site.ts; then every page is
// rendered for every request, and none is compressed.

import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import type { Library } from "../articles/library.ts";
import { bestCoding, compress, compressBest, type Coding } from "./content-coding.ts";
import { cacheControl, type Making } from "./guards.ts";

type Bodies = Partial<Record<Coding, Buffer>> & { identity: Buffer };
/** An answer in one coding, ready to be written: header names and values in turn, for a whole page and for a 304. */
type Prepared = { etag: string; whole: string[]; known: string[]; body: Buffer };
type Kept = {
  status: number;
  headers: OutgoingHttpHeaders;
  bodies: Bodies;
  compressible: boolean;
  prepared: Partial<Record<Coding, Prepared>>;
  /** Undefined: not to be kept. */
  making: Making | undefined;
  /** Milliseconds since 1970; Infinity: none. From `settledUntil` on, the next publishing instant cuts the freshness short. */
  nextPublishing: number;
  settledUntil: number;
  madeAt: number;
  validUntil: number;
  wanted: boolean;
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
  let bytes = 0;

  function find(key: string): Kept | undefined {
    const page = pages.get(key);
    if (!page) return undefined;
    const at = now().getTime();
    if (page.madeAt <= at && at < page.validUntil && isCurrent(page, at)) return page;
    bytes -= sizeOf(page);
    pages.delete(key);
    return undefined;
  }

  /** Whether a page still shows what there is: after a save or a publishing, those that it does not concern stay. */
  function isCurrent(page: Kept, at: number): boolean {
    const { making, nextPublishing } = page;
    if (making?.libraryVersion === library.version() && at < nextPublishing) return true;
    const sources = making?.sources?.();
    if (!making || sources?.length !== making.made.length || sources.some((source, index) => source !== making.made[index])) return false;
    making.libraryVersion = library.version();
    Object.assign(page, { prepared: {}, madeAt: at }, publishingTimes(making));
    return true;
  }

  function publishingTimes({ freshness: [seconds, staleSeconds] }: Making) {
    const nextPublishing = library.nextPublishing(now())?.getTime() ?? Infinity;
    return { nextPublishing, settledUntil: nextPublishing - (seconds + staleSeconds) * 1_000 };
  }

  function keep(key: string, page: Kept): void {
    pages.set(key, page);
    bytes += sizeOf(page);
    for (const [oldest, candidate] of pages) {
      if (bytes <= budgetBytes) break;
      pages.delete(oldest);
      // What was asked for since the last round stays for another.
      if (candidate.wanted) pages.set(oldest, Object.assign(candidate, { wanted: false }));
      else bytes -= sizeOf(candidate);
    }
    if (page.compressible) void compressWell(page);
  }

  function answer(request: IncomingMessage, response: ServerResponse, page: Kept): void {
    page.wanted = true;
    const coding = page.compressible ? bestCoding(request.headers["accept-encoding"]) : "identity";
    const settled = page.settledUntil === Infinity || now().getTime() < page.settledUntil;
    const prepared = (settled && page.prepared[coding]) || prepare(page, coding, settled ? undefined : now());
    if (settled) page.prepared[coding] = prepared;
    if (prepared.etag && isKnown(request.headers["if-none-match"], prepared.etag)) {
      response.writeHead(304, prepared.known).end();
      return;
    }
    response.writeHead(page.status, prepared.whole);
    response.end(request.method === "HEAD" ? undefined : prepared.body);
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
      if (key && page.making && page.status === 200) keep(key, page);
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
    const { making } = (response as { locals?: { making?: Making } }).locals ?? {};
    const headers = { ...response.getHeaders() };
    const compressible = identity.length >= smallestBytes && compressibleTypes.test(String(headers["content-type"]));
    return {
      status: response.statusCode,
      headers,
      bodies: { identity },
      compressible,
      prepared: {},
      making,
      ...(making ? publishingTimes(making) : { nextPublishing: Infinity, settledUntil: Infinity }),
      madeAt: making ? now().getTime() : 0, // a clock that is set back makes it anew
      validUntil: making ? nextRenewal(making.freshness[0]) : 0,
      wanted: true,
    };
  }

  /** Pages that caches may keep for less than a minute show a clock, and are made anew at each full minute; others each day. */
  function nextRenewal(seconds: number): number {
    const everyMs = seconds < 60 ? minuteMs : dayMs;
    return (Math.floor(now().getTime() / everyMs) + 1) * everyMs;
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
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch === "*" || (ifNoneMatch ?? "").split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** The best takes 20 ms, so another thread does it while the quick one is served. The tag stays: both decode to the same. */
async function compressWell({ bodies, prepared }: Kept): Promise<void> {
  bodies.br = await compressBest(bodies.identity);
  delete prepared.br;
}
