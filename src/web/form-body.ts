// Reads the body of a form.

import express, { type RequestHandler } from "express";
import { HttpError } from "./errors.ts";

const maxFields = 32;

/**
 * Returns handlers that read a URL-encoded form into `request.body`, whose values are strings, and
 * refuse any other body before it has arrived. A form without a Content-Length is refused too: in
 * chunks of one byte it would take 30 times its size.
 */
export function formBody(limitBytes: number): RequestHandler[] {
  const check: RequestHandler = (request, _response, next) => {
    const type = (request.get("content-type") ?? "").toLowerCase().replace(/\s/g, "");
    const isForm = /^application\/x-www-form-urlencoded(;charset="?utf-8"?)?$/.test(type);
    const length = request.get("content-length");
    // Node discards the body: closing the connection could reset it before the page is read.
    const refuse = (status: number, reason: string) => next(new HttpError(status, reason));
    if (Number(length) > limitBytes) return refuse(413, "body too long");
    if (!isForm || request.get("content-encoding")) return refuse(415, "not a form");
    if (length === undefined) return refuse(411, "no Content-Length");
    next();
  };
  const read = express.urlencoded({
    extended: false,
    limit: limitBytes,
    parameterLimit: maxFields,
    inflate: false,
  });
  /** If a name is repeated, its first value is used. */
  const takeFirstValues: RequestHandler = (request, _response, next) => {
    const fields = Object.entries((request.body ?? {}) as Record<string, string | string[]>);
    request.body = Object.fromEntries(fields.map(([name, value]) => [name, [value].flat()[0]]));
    next();
  };
  return [check, read, takeFirstValues];
}
