// Redirects to the one URL of each page: from other spellings of it, and from its former ones.

import type { RequestHandler } from "express";
import { href, matchUrl, type UrlName } from "../urls.ts";
import type { RouteContext } from "./routing.ts";

/** nginx turns a response whose header is larger than its buffer of 4 KB into a 502. */
const maxRedirectedLength = 2_000;

/** Redirects to the canonical URL, which is never built from the Host header. */
export function redirectToCanonicalUrl({ redirect }: RouteContext): RequestHandler {
  return (request, response, next) => {
    const { path, originalUrl, method } = request;
    const canonical = canonicalPath(path);
    const given = /\?.*$/s.exec(originalUrl)?.[0] ?? "";
    const query = canonicalQuery(matchUrl(canonical)?.name, given);
    const isCanonical = path === canonical && query === given;
    if (isCanonical || canonical.length + query.length > maxRedirectedLength) return next();
    // After a 301 browsers drop the body of a post. Two leading slashes would name another host.
    const status = method === "GET" || method === "HEAD" ? 301 : 308;
    redirect(response, canonical.replace(/^\/+/, "/") + query, status);
  };
}

/**
 * Routes whose query means nothing, so that it is left out: a response with a query isn't stored,
 * and a feed takes ten times as long as a page.
 */
const withoutQuery = new Set<UrlName | undefined>(["sharingImage", "feed", "topicFeed"]);

function canonicalQuery(name: UrlName | undefined, given: string): string {
  if (withoutQuery.has(name)) return "";
  if (name !== "exampleFile") return given;
  // Colouring a file takes up to 11 ms, and with a new query anybody could ask for it each time.
  return new URLSearchParams(given).has("plain") ? "?plain" : "";
}

/**
 * Returns a path in lower case, except for the name of an example file, and without a slash at its
 * end.
 */
const canonicalPath = (path: string): string =>
  withoutEndingSlash(lowerCaseBeforeFile(path)) || "/";

function lowerCaseBeforeFile(path: string): string {
  const lower = path.toLowerCase();
  const { name, parts: { slug = "", file = "" } = {} } = matchUrl(lower) ?? {};
  return name === "exampleFile" ? href(name, { slug, file: path.slice(-file.length) }) : lower;
}

/**
 * Removes the slashes at the end of a path. The lookbehind keeps the time from growing with the
 * square of their number.
 */
const withoutEndingSlash = (path: string) => path.replace(/(?<!\/)\/+$/, "");

/** Redirects the former URLs of an article, its examples and its image to the current ones. */
export function redirectAliases({ redirect, library, clock }: RouteContext): RequestHandler {
  return ({ path }, response, next) => {
    const { name, parts: { slug: former } = {} } = matchUrl(path) ?? {};
    const page = former ? href("article", { slug: former }) : path;
    const article = library.findByAlias(page, clock());
    if (!article || path.length > maxRedirectedLength) return next();
    const { slug } = article;
    const rest = path.slice(page.length);
    const isImage = name === "sharingImage";
    redirect(response, isImage ? href(name, { slug }) : href("article", { slug }) + rest);
  };
}
