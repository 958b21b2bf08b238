// Compression of responses: which content coding a client accepts, and the compressed body.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import Negotiator from "negotiator";

export type Coding = "br" | "gzip" | "identity";

/** The package's types lack the second parameter. */
type NegotiatorWithPreference = { encoding: (available: string[], options: { preferred: string[] }) => string | undefined };

const preferred: Coding[] = ["br", "gzip", "identity"];
const maxRemembered = 1_000;
const remembered = new Map<string, Coding>();

/** Returns the coding that a client prefers, by its Accept-Encoding header. Of codings it likes equally, the smallest. */
export function bestCoding(accepted = ""): Coding {
  const coding = remembered.get(accepted) ?? negotiate(accepted);
  if (remembered.size < maxRemembered) remembered.set(accepted, coding);
  return coding;
}

function negotiate(accepted: string): Coding {
  const negotiator: NegotiatorWithPreference = new Negotiator({ headers: { "accept-encoding": accepted } });
  return (negotiator.encoding(preferred, { preferred }) ?? "identity") as Coding;
}

const compressibleTypes = /^(text\/|application\/(atom\+xml|feed\+json|json|xml)|image\/svg)/;
const minBytes = 500; // a smaller body does not become smaller

export const isCompressible = (type: string, body: Buffer) => body.length >= minBytes && compressibleTypes.test(type);

/** Returns the compressed body. Brotli's quality 5 takes 0.5 ms for a page; createCompressionQueue() repeats it with the best quality. */
export function compress(body: Buffer, coding: Coding): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  if (coding === "br") return brotliCompressSync(body, { params });
  return coding === "gzip" ? gzipSync(body) : body;
}
