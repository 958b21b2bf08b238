// Reads the body of a form.

import express, { type RequestHandler } from "express";
import { HttpError } from "./http-error.ts";

const maxFields = 32;

/**
 * Returns handlers that read a URL-encoded form into `request.body`, whose values are strings, and
 * refuse any other body. A form whose Content-Length exceeds the limit is refused before it is
 * read, and the connection is closed.
 */
export function formBody(limitBytes: number): RequestHandler[] {
  const check: RequestHandler = (request, response, next) => {
    const type = (request.get("content-type") ?? "").toLowerCase().replace(/\s/g, "");
    const isForm = /^application\/x-www-form-urlencoded(;charset="?utf-8"?)?$/.test(type);
    const isTooLong = Number(request.get("content-length") ?? 0) > limitBytes;
    if (isForm && !isTooLong && !request.get("content-encoding")) return next();
    response.set("Connection", "close"); // the body is not read
    next(isTooLong ? new HttpError(413, "body too long") : new HttpError(415, "not a form"));
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
