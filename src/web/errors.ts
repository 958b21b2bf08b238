// Error pages: what happened, whether the visitor's text is safe, and what to do next.

import path from "node:path";
import { unescape } from "node:querystring"; // unescape never throws, and decodeURIComponent does
import type { ErrorRequestHandler, RequestHandler } from "express";
import { maxMessageLength } from "../inquiries/form.ts";
import { StoreError } from "../inquiries/store/interface.ts";
import { HttpError } from "./refusals.ts";
import type { RouteContext } from "./routing.ts";
import { matchUrl, type UrlName } from "../urls.ts";

const maxSearched = 80; // the 404 page searches for so many characters of the path

type Words = { title: string; text: string };

const refusal: Words = {
  title: "We didn’t accept this request.",
  text: "Part of it was missing or unreadable, so nothing was saved.",
};
const serverError: Words = {
  title: "Something went wrong on our side.",
  text: "The error has been logged. Try again in a minute.",
};
/**
 * Returns what error pages say, by route and status. It is called for an error and not at the
 * start, because toLocaleString() takes 15 ms.
 */
const listWords = (): { [Name in UrlName]?: { [status: number]: Words } } => ({
  contact: {
    403: {
      title: "This form was sent from another site, so we didn’t accept it.",
      text: "Nothing was saved. Open the form on this site and send it from there.",
    },
    413: {
      title: "That message is too long to send here.",
      text: `Nothing was saved. Go back: what you wrote should still be in the form. Shorten it to ${maxMessageLength.toLocaleString("en-GB")} characters, or send it as an email.`,
    },
    422: {
      title: "This isn’t our form, so we didn’t accept it.",
      text: "Nothing was saved: it has more fields than the form on this site. Open the form here and send it again.",
    },
  },
  receipt: {
    404: {
      title: "We have no message with this reference.",
      text: "Part of the reference may be missing, or the message may have been deleted, as planned or on request.",
    },
    503: {
      title: "We can’t show your receipt at the moment.",
      text: "Your message is safe: it was saved before you were given this reference. Open this page again in a minute.",
    },
  },
  staff: {
    404: {
      title: "There is no inquiry at this address.",
      text: "It may have been deleted on schedule, or the link may be incomplete. Open the link in the email again, or search your mailbox for the reference.",
    },
  },
});

export function missingPage({ library, clock, show }: RouteContext): RequestHandler {
  return async (request, response) => {
    if (!["GET", "HEAD"].includes(request.method)) throw new HttpError(404, "no such address");
    const { name } = path.parse(unescape(request.path));
    const words = name
      .slice(0, maxSearched)
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
    const meant = library.list(clock()).find(({ slug }) => isMistyped(name.toLowerCase(), slug));
    const hits = await library.search(words, clock(), { max: 3, inTitles: true });
    const suggested = meant ? [meant] : hits.map(({ article }) => article);
    show(response, 404, {
      view: "pages/not-found",
      title: "This page doesn’t exist.",
      data: { words, suggested, isMeant: Boolean(meant) },
    });
  };
}

/**
 * Returns whether one letter of a slug is missing, too many or wrong, or two are swapped. Short
 * slugs never are, because they are one letter away from too many other words.
 */
function isMistyped(typed: string, slug: string): boolean {
  if (slug.length < 8) return false;
  let same = 0;
  while (same < slug.length && slug[same] === typed[same]) same += 1;
  const [meant, rest] = [slug.slice(same), typed.slice(same)];
  const swapped = `${meant[1] ?? ""}${meant[0] ?? ""}${meant.slice(2)}`;
  return (
    [meant, meant.slice(1), swapped].includes(rest) ||
    [meant, meant.slice(1)].includes(rest.slice(1))
  );
}

export function handleErrors({ show, log }: RouteContext): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = chooseStatus(error);
    // Only the message of an HttpError is logged: that of another error may quote what a visitor
    // sent.
    const reason = error instanceof HttpError ? error.message : "bad request";
    const { requestId } = response.locals;
    if (status >= 500) log.error({ err: error, request: requestId }, "a request failed");
    else {
      // Only refused posts are warnings: requests for unknown addresses would fill the log.
      const level = request.method === "POST" ? "warn" : "debug";
      log[level]({ status, reason, request: requestId }, "a request was refused");
    }
    if (status === 503) response.set("Retry-After", "60");
    const about = matchUrl(request.path)?.name;
    const others = status < 500 ? refusal : serverError;
    const { title, text } = (about && listWords()[about]?.[status]) ?? others;
    show(response, status, { view: "pages/failure", title, data: { about, text, requestId } });
  };
}

function chooseStatus(error: unknown): number {
  const status = Number((error as { status?: unknown } | undefined)?.status);
  if (status >= 400 && status < 600) return status;
  return error instanceof StoreError ? 503 : 500;
}
