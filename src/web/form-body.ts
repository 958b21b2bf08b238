// Reads the body of a form, within a limit for each request and one for all requests together.

import type { RequestHandler } from "express";
import createError from "http-errors";

const maxFields = 32;
// For the bodies of all unfinished requests. The response to an invalid form repeats the input in up to five times as many bytes.
// Measured in test/alone/slow-clients.long.test.ts, against the limit of docs/going-live/clean-systems.service.
const maxHeldBytes = 16 * 1024 * 1024;
const chunkOverheadBytes = 512; // a Buffer of one byte takes about 480, and a client may send one byte at a time

/**
 * Reads a URL-encoded form into `request.body` and refuses any other body. A body that is too long is refused as soon as its Content-Length
 * or the received bytes show it, and the connection is closed: body-parser would read the rest before responding. When all bodies together
 * exceed their limit, the oldest unfinished one is refused with a 503.
 */
export function formBody(limitBytes: number): RequestHandler {
  let heldBytes = 0;
  /** Functions that refuse an unfinished body, oldest first: an honest form is complete within seconds, so the oldest is a slow client. */
  const unfinished = new Set<() => void>();

  return (request, response, next) => {
    const refuse = (status: number, reason: string) => {
      response.set("Connection", "close"); // the rest of the body is not read
      next(createError(status, reason, { expose: true }));
    };
    const type = (request.get("content-type") ?? "").toLowerCase().replace(/\s/g, "");
    const isForm = /^application\/x-www-form-urlencoded(;charset="?utf-8"?)?$/.test(type);
    if (Number(request.get("content-length") ?? 0) > limitBytes)
      return refuse(413, "body too long");
    if (!isForm || request.get("content-encoding")) return refuse(415, "not a form");

    const chunks: Buffer[] = [];
    let bytes = 0;
    let held = 0;
    const hold = (count: number) => {
      held += count;
      heldBytes += count;
    };
    const abort = (status: number, reason: string) => {
      request.off("data", onData).off("end", onEnd).pause();
      unfinished.delete(refuseForSpace);
      chunks.length = 0;
      hold(-held);
      refuse(status, reason);
    };
    const refuseForSpace = () => abort(503, "too many bodies at once");
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) return abort(413, "body too long");
      chunks.push(chunk);
      hold(chunk.length + chunkOverheadBytes);
      const [oldest] = unfinished;
      if (heldBytes > maxHeldBytes) oldest?.();
    };
    const onEnd = () => {
      unfinished.delete(refuseForSpace);
      const fields = [...new URLSearchParams(Buffer.concat(chunks.splice(0)).toString())];
      if (fields.length > maxFields) return refuse(413, "too many fields");
      request.body = Object.fromEntries(fields.toReversed()); // if a name is repeated, its first value is used
      next();
    };
    unfinished.add(refuseForSpace);
    response.on("close", () => {
      unfinished.delete(refuseForSpace);
      hold(-held);
    });
    request.on("data", onData).on("end", onEnd);
  };
}
