// What requests pass before a route: security headers, redirects, the same-origin check and the form's body.

import { hash } from "node:crypto";
import type { Express, RequestHandler } from "express";
import createError from "http-errors";
import type { Library } from "../articles/library.ts";
import type { Config } from "../config.ts";

const maxFields = 32;

/**
 * Returns the headers of every response. `inlineStyle` is the text of the one style element of pages. Only development allows a script,
 * which reloads a page after a save.
 */
export function securityHeaders(inlineStyle: string, { production, development }: Config): Record<string, string> {
  const styleHash = hash("sha256", inlineStyle, "base64");
  const policy =
    `default-src 'none'; style-src 'self' 'sha256-${styleHash}'; img-src 'self'; font-src 'self'; connect-src 'self'; ` +
    `form-action 'self'; base-uri 'none'; frame-ancestors 'none'` +
    (production ? "; upgrade-insecure-requests" : "") +
    (development ? "; script-src 'self'" : "");
  return {
    "Content-Security-Policy": policy,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    ...(production ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

/** Redirects a path with upper case letters or a trailing slash to the canonical URL, which is built from SITE_URL and never from Host. */
export function redirectToCanonicalUrl(siteUrl: string): RequestHandler {
  return (request, response, next) => {
    const { path } = request;
    const canonical = path.toLowerCase().replace(/\/+$/, "") || "/";
    if (path === canonical || !["GET", "HEAD"].includes(request.method)) return next();
    const [, query = ""] = /^[^?]*(\?.*)$/s.exec(request.originalUrl) ?? [];
    // Two slashes at the start would name another host.
    response.redirect(301, siteUrl + canonical.replace(/^\/+/, "/") + query);
  };
}

/**
 * Refuses a post that comes from a page of another site. The steps are those of Go's http.CrossOriginProtection. The last step also accepts
 * the request's own host, for a site that is opened by its address in a local network. There are no cookies that an attack could use.
 */
export function sameOrigin(siteUrl: string): RequestHandler {
  return (request, _response, next) => {
    const origin = request.get("origin");
    const site = request.get("sec-fetch-site");
    if (origin === siteUrl) return next();
    if (site === "same-origin" || site === "none") return next();
    if (site === undefined && (origin === undefined || URL.parse(origin)?.host === request.get("host"))) return next();
    next(createError(403, "cross-site"));
  };
}

/**
 * Reads a URL-encoded form into `request.body`, and refuses any other body. Too long a body is refused as soon as that is certain, by its
 * Content-Length or by the bytes that have arrived, and the connection is closed: body-parser would read the rest before it responds.
 */
export function formBody(limitBytes: number): RequestHandler {
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
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= limitBytes) return;
      request.off("data", onData).off("end", onEnd).pause();
      refuse(413, "body too long");
    };
    const onEnd = () => {
      const fields = [...new URLSearchParams(Buffer.concat(chunks).toString())];
      if (fields.length > maxFields) return refuse(413, "too many fields", { shownAs: 415 }); // a shorter message would not help
      request.body = Object.fromEntries(fields.toReversed()); // of two fields with the same name, the first counts
      next();
    };
    request.on("data", onData).on("end", onEnd);
  };
}

/** Responds with 405 and the allowed methods. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response, next) => {
    response.set("Allow", methods.join(", "));
    next(createError(405, "method not allowed"));
  };
}

/** Adds a route for GET and HEAD. Other methods are a 405. */
export function page(app: Express, path: string, handler: RequestHandler<Record<string, string>>): void {
  app.route(path).get(handler).all(onlyMethods("GET", "HEAD"));
}

/** Redirects the former URLs of an article, of its Markdown and of its sharing image to the present ones. */
export function redirectAliases(siteUrl: string, library: Library, now: () => Date): RequestHandler {
  return ({ path }, response, next) => {
    const candidates: [alias: string, urlOf: (slug: string) => string][] = [
      [path, (slug) => `/articles/${slug}`],
      [path.replace(/\.md$/, ""), (slug) => `/articles/${slug}.md`],
      [path.replace(/^\/og\/([^/]+)\.png$/, "/articles/$1"), (slug) => `/og/${slug}.png`],
    ];
    for (const [alias, urlOf] of candidates) {
      const article = library.findAlias(alias, now());
      if (article) return response.set("Cache-Control", "public, max-age=300").redirect(301, siteUrl + urlOf(article.slug));
    }
    next();
  };
}
