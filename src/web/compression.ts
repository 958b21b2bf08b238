// Compression of responses: which content coding a client accepts, and compressed bodies.

import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants, gzipSync } from "node:zlib";
import Negotiator from "negotiator";

export type Coding = "br" | "gzip" | "identity";

const preferred: Coding[] = ["br", "gzip", "identity"];
const maxRemembered = 1_000; // a negotiation takes longer than the rest of a cached response
const remembered = new Map<string, Coding>();

/** Returns the coding that a client prefers, by its Accept-Encoding header. Of codings it likes equally, the smallest. */
export function bestCoding(accepted = ""): Coding {
  const coding = remembered.get(accepted) ?? negotiate(accepted);
  if (remembered.size < maxRemembered) remembered.set(accepted, coding);
  return coding;
}

/** The package's types lack the second parameter. */
type NegotiatorWithPreference = { encoding: (available: string[], options: { preferred: string[] }) => string | undefined };

function negotiate(accepted: string): Coding {
  const negotiator: NegotiatorWithPreference = new Negotiator({ headers: { "accept-encoding": accepted } });
  return (negotiator.encoding(preferred, { preferred }) ?? "identity") as Coding;
}

const compressibleTypes = /^(text\/|application\/(atom\+xml|feed\+json|json|xml)|image\/svg)/;
const minBytes = 500; // a smaller body does not become smaller

export const isCompressible = (type: string, body: Buffer) => body.length >= minBytes && compressibleTypes.test(type);

const brotliOptions = (body: Buffer, quality: number) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
});

/** Returns the compressed body. Brotli's quality 5 takes 0.5 ms for a page; createCompressionQueue() repeats it with the best quality. */
export function compress(body: Buffer, coding: Coding): Buffer {
  if (coding === "br") return brotliCompressSync(body, brotliOptions(body, 5));
  return coding === "gzip" ? gzipSync(body) : body;
}

const compressBest = (body: Buffer): Promise<Buffer> => promisify(brotliCompress)(body, brotliOptions(body, 11));

// A page that finds the queue full keeps the quick compression it has, which is 15 % larger, until it is stored again.
const maxWaiting = 50;

type Done = (compressed: Buffer) => void;

/**
 * Returns a function that compresses a body with brotli's best quality in the background and passes the result to `done`, if `isNeeded()`
 * is true before and after. One page takes about 20 ms of a thread of the pool that reading files and DNS share, so only one is compressed
 * at a time. A body is dropped if the queue is full or the compression fails.
 */
export function createCompressionQueue(compressBody = compressBest) {
  let last = Promise.resolve();
  let waiting = 0;

  async function compressAfter(previous: Promise<void>, body: Buffer, isNeeded: () => boolean, done: Done): Promise<void> {
    await previous;
    waiting -= 1;
    const compressed = isNeeded() ? await compressBody(body).catch(() => undefined) : undefined;
    if (compressed && isNeeded()) done(compressed);
  }

  return (body: Buffer, isNeeded: () => boolean, done: Done): void => {
    if (waiting >= maxWaiting) return;
    waiting += 1;
    last = compressAfter(last, body, isNeeded, done);
  };
}
