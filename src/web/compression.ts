// Compression of responses: which content coding a client accepts, and compressed bodies.

import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants, gzipSync } from "node:zlib";
import Negotiator from "negotiator";

export type Coding = "br" | "gzip" | "identity";

const preferred: Coding[] = ["br", "gzip", "identity"];
const maxNegotiated = 1_000; // negotiating takes longer than the rest of a cached response
const negotiated = new Map<string, Coding>();

/** Returns the coding that a client prefers, by its Accept-Encoding header. If it has no preference, the one that compresses best. */
export function bestCoding(accepted = ""): Coding {
  const coding = negotiated.get(accepted) ?? negotiate(accepted);
  if (negotiated.size < maxNegotiated) negotiated.set(accepted, coding);
  return coding;
}

/** The package's types lack the second parameter. */
type NegotiatorWithPreference = {
  encoding: (available: string[], options: { preferred: string[] }) => string | undefined;
};

function negotiate(accepted: string): Coding {
  const negotiator: NegotiatorWithPreference = new Negotiator({
    headers: { "accept-encoding": accepted },
  });
  return (negotiator.encoding(preferred, { preferred }) ?? "identity") as Coding;
}

const compressibleTypes = /^(text\/|application\/(atom\+xml|feed\+json|json|xml)|image\/svg)/;
const minBytes = 500; // compression does not shrink a smaller body

export const isCompressible = (type: string, body: Buffer) =>
  body.length >= minBytes && compressibleTypes.test(type);

const brotliOptions = (body: Buffer, quality: number) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  },
});

/** Returns the compressed body. Brotli at quality 5 takes 0.5 ms for a page; createCompressionQueue() compresses it again at the best quality. */
export function compress(body: Buffer, coding: Coding): Buffer {
  if (coding === "br") return brotliCompressSync(body, brotliOptions(body, 5));
  return coding === "gzip" ? gzipSync(body) : body;
}

const compressBest = (body: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(body, brotliOptions(body, 11));

// If the queue is full, a page stays at quality 5, which is 15 % larger, until it is stored again.
const maxWaiting = 50;

type Done = (compressed: Buffer) => void;

/**
 * Returns a function that compresses a body at brotli's best quality in the background and passes the result to `done`, if `isNeeded()` is
 * true before and after. A page takes about 20 ms in the thread pool, which file reads and DNS look-ups share, so only one is compressed at a
 * time. A body is dropped if the queue is full or compressing it fails.
 */
export function createCompressionQueue(compressBody = compressBest) {
  let last = Promise.resolve();
  let waiting = 0;

  async function compressAfter(
    previous: Promise<void>,
    body: Buffer,
    isNeeded: () => boolean,
    done: Done,
  ): Promise<void> {
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
