// What stands before every page: security headers, one spelling of each address, and posts from our own pages only.

import { createHash } from "node:crypto";
import type { Express, RequestHandler } from "express";
import createError from "http-errors";
import type { Library } from "../articles/library.ts";
import type { Config } from "../config.ts";

const maxFields = 32;

/**
 * The headers that every answer carries. `inlineStyle` is the text of the one style element that pages have. Only development allows
 * a script, the one that shows what was saved.
 */
export function securityHeaders(inlineStyle: string, { production, development }: Config): Record<string, string> {
  const styleHash = createHash("sha256").update(inlineStyle).digest("base64");
  const policy = [
    "default-src 'none'",
    `style-src 'self' 'sha256-${styleHash}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(production ? ["upgrade-insecure-requests"] : []),
    ...(development ? ["script-src 'self'"] : []),
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    ...(production ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

/** Upper case and a slash at the end are a 301 to the one true address, built from our own origin and never from Host. */
export function oneAddress(siteUrl: string): RequestHandler {
  return (request, response, next) => {
    const { path } = request;
    const wanted = path.toLowerCase().replace(/\/+$/, "") || "/";
    if (path === wanted || !["GET", "HEAD"].includes(request.method)) return next();
    const query = request.originalUrl.slice(request.originalUrl.split("?")[0]?.length ?? 0);
    // Two slashes at the start would name another host.
    response.redirect(301, siteUrl + wanted.replace(/^\/+/, "/") + query);
  };
}

/**
 * Lets a post through only if it comes from a page of this site. The five steps are those of Go's http.CrossOriginProtection;
 * the fifth also accepts the address the visitor used, because without cookies there is nothing to steal.
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
    if (request.get("expect")) response.writeContinue(); // the client waits for it before it sends the body

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
      request.body = Object.fromEntries(fields);
      next();
    };
    request.on("data", onData).on("end", onEnd);
  };
}

/** 405 with Allow, for the methods that an address does not have. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response, next) => {
    response.set("Allow", methods.join(", "));
    next(createError(405, "method not allowed"));
  };
}

/** An address that can be read: GET and HEAD are answered by `handler`, other methods by 405. */
export function page(app: Express, path: string, handler: RequestHandler<Record<string, string>>): void {
  app.route(path).get(handler).all(onlyMethods("GET", "HEAD"));
}

/** The addresses that articles had before, as 301 to the one they have. */
export function formerAddresses(siteUrl: string, library: Library, now: () => Date): RequestHandler {
  return (request, response, next) => {
    // Its Markdown and its picture had addresses made from the old one.
    const [, picture] = /^\/og(\/[^/]+)\.png$/.exec(request.path) ?? [];
    const former = picture ? `/articles${picture}` : request.path.replace(/\.md$/, "");
    const article = library.findAlias(request.path, now()) ?? library.findAlias(former, now());
    if (!article) return next();
    const address = picture ? `/og/${article.slug}.png` : `/articles/${article.slug}${request.path.endsWith(".md") ? ".md" : ""}`;
    response.set("Cache-Control", "public, max-age=300").redirect(301, siteUrl + address);
  };
}
