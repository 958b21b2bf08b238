// The requests that routes refuse: from another site, with a body that is no form, or with a method
// that the address does not have. errors.ts has the pages that visitors see then.

import express, { type RequestHandler } from "express";

/** An error whose status and words may be shown and logged: they quote nothing that was sent. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Refuses a post from another site, by the steps of Go's http.CrossOriginProtection. The last step
 * also accepts the request's own host, so that the form can be tried in a local network. The site
 * has no cookies to protect.
 */
export function sameOrigin(siteUrl: string): RequestHandler {
  return (request, _response, next) => {
    const origin = request.get("origin");
    const site = request.get("sec-fetch-site");
    const isOwnHost = origin === undefined || URL.parse(origin)?.host === request.get("host");
    const isSame =
      origin === siteUrl || site === "same-origin" || site === "none" || (!site && isOwnHost);
    next(isSame ? undefined : new HttpError(403, "cross-site"));
  };
}

const maxFields = 32;

/**
 * Reads the body of a form, and refuses any other before it has arrived. The value of a name that
 * was sent twice is an array.
 */
export function formBody(limitBytes: number): RequestHandler[] {
  const check: RequestHandler = (request, _response, next) => {
    const length = request.get("content-length");
    if (Number(length) > limitBytes) throw new HttpError(413, "body too long");
    if (!request.is("urlencoded")) throw new HttpError(415, "not a form");
    // A body may be sent in chunks of one byte, which take 30 times its size in memory.
    if (length === undefined) throw new HttpError(411, "no Content-Length");
    next();
  };
  const options = { extended: false, limit: limitBytes, parameterLimit: maxFields, inflate: false };
  const parse = express.urlencoded(options);
  const read: RequestHandler = (request, response, next) =>
    parse(request, response, (error?: unknown) => {
      const isTooMany = (error as { type?: string } | undefined)?.type === "parameters.too.many";
      next(isTooMany ? new HttpError(422, "too many fields") : error);
    });
  return [check, read];
}

export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response, next) => {
    response.set("Allow", methods.join(", "));
    next(new HttpError(405, "method not allowed"));
  };
}
