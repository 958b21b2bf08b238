// Reads the body of a form, within a limit for each request and one for all requests together.

import type { RequestHandler } from "express";
import createError from "http-errors";

const maxFields = 32;
// The bodies of all requests that are not finished. The response to wrong answers repeats them, in up to five bytes for each of theirs.
// Measured in test/alone/slow-clients.long.test.ts, against the limit of docs/going-live/clean-systems.service.
const maxHeldBytes = 16 * 1024 * 1024;
const chunkBytes = 512; // a Buffer of one byte takes about 480, and a client may send one byte at a time

/**
 * Reads a URL-encoded form into `request.body`, and refuses any other body. Too long a body is refused as soon as that is certain, by its
 * Content-Length or by the bytes that have arrived, and the connection is closed: body-parser would read the rest before it responds. When all
 * bodies together exceed their limit, the one that has been arriving for the longest time is refused with a 503.
 */
export function formBody(limitBytes: number): RequestHandler {
  let heldBytes = 0;
  /** Each refuses a body that has not arrived completely. The oldest is first: an honest form arrives within seconds, and slow clients stay. */
  const arriving = new Set<() => void>();

  return (request, response, next) => {
    const refuse = (status: number, reason: string, details = {}) => {
      response.set("Connection", "close"); // the rest of the body is not read
      next(createError(status, reason, details));
    };
    const type = (request.get("content-type") ?? "").toLowerCase().replace(/\s/g, "");
    const isForm = /^application\/x-www-form-urlencoded(;charset="?utf-8"?)?$/.test(type);
    if (Number(request.get("content-length") ?? 0) > limitBytes) return refuse(413, "body too long");
    if (!isForm || request.get("content-encoding")) return refuse(415, "not a form");
    // The client waits for it before it sends the body. HTTP/1.0 has no such response.
    if (request.get("expect") && request.httpVersion === "1.1") response.writeContinue();

    const chunks: Buffer[] = [];
    let bytes = 0;
    let held = 0;
    const hold = (count: number) => {
      held += count;
      heldBytes += count;
    };
    const giveUp = (status: number, reason: string, details = {}) => {
      request.off("data", onData).off("end", onEnd).pause();
      arriving.delete(makeRoom);
      chunks.length = 0;
      hold(-held);
      refuse(status, reason, details);
    };
    const makeRoom = () => {
      response.set("Retry-After", "60");
      giveUp(503, "too many bodies at once", { expose: true });
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) return giveUp(413, "body too long");
      chunks.push(chunk);
      hold(chunk.length + chunkBytes);
      const [oldest] = arriving;
      if (heldBytes > maxHeldBytes) oldest?.();
    };
    const onEnd = () => {
      arriving.delete(makeRoom);
      const fields = [...new URLSearchParams(Buffer.concat(chunks.splice(0)).toString())];
      if (fields.length > maxFields) return refuse(413, "too many fields", { shownAs: 415 }); // a shorter message would not help
      request.body = Object.fromEntries(fields.toReversed()); // of two fields with the same name, the first counts
      next();
    };
    arriving.add(makeRoom);
    response.on("close", () => {
      arriving.delete(makeRoom);
      hold(-held);
    });
    request.on("data", onData).on("end", onEnd);
  };
}
