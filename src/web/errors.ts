// Every way an answer can fail, as pages that say what happened, what of the visitor's is safe, and what to do next.

import type { ErrorRequestHandler, RequestHandler } from "express";
import type { Log } from "../log.ts";
import type { ShowPage } from "./page.ts";

/** A failure with a status. `reason` is for the log, never for the visitor. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

type Words = { title: string; text: string };

const wordsByStatus: Record<number, Words> = {
  400: {
    title: "This request makes no sense to us.",
    text: "Something in it could not be read, so we did nothing with it.",
  },
  403: {
    title: "This form was sent from another site, so we stopped it.",
    text: "Nothing was saved. Open the form here and send it from there.",
  },
  405: {
    title: "This address does not take that.",
    text: "The page is there, but it cannot be asked in this way. Nothing was changed.",
  },
  413: {
    title: "That message is too long to send here.",
    text: "Nothing was saved. Go back, and what you wrote should still be in the form. Shorten it to 5,000 characters, or send it as an email instead.",
  },
  415: {
    title: "The form arrived in a shape we cannot read.",
    text: "Nothing was saved. Open the form here and send it from there, or write to us.",
  },
  500: {
    title: "Something broke on our side.",
    text: "It has been logged. Try again in a minute, or write to us.",
  },
};

type FailureParts = { show: ShowPage; log: Log };

/** The last handler of the app: an error becomes a page, and what is our fault becomes a log entry. */
export function failure({ show, log }: FailureParts): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, request: response.locals["requestId"] }, "a request failed");
    else
      log.warn({ status, reason: withoutStack(error), request: response.locals["requestId"] }, "a request was refused");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const words = wordsByStatus[status] ?? (status >= 500 ? wordsByStatus[500] : wordsByStatus[400]);
    response.set("Cache-Control", "no-store");
    try {
      show(response, status, {
        view: "pages/failure",
        title: words?.title ?? "",
        noindex: true,
        data: { words, requestId: response.locals["requestId"], offerForm: request.path === "/contact" },
      });
    } catch (second) {
      // The template failed too. This cannot.
      log.error({ err: second }, "the failure page failed");
      response.status(status).type("text/plain").send(`${words?.title}\n${words?.text}\n`);
    }
  };
}

/** For addresses that no route answered. */
export function notFound(
  show: (request: Parameters<RequestHandler>[0], response: Parameters<RequestHandler>[1]) => void,
): RequestHandler {
  return (request, response) => {
    if (request.method === "GET" || request.method === "HEAD") return show(request, response);
    throw new HttpError(404, "no such address");
  };
}

// Errors of Express and body-parser carry a status of their own; what has none is ours.
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

const withoutStack = (error: unknown) =>
  error instanceof HttpError ? error.message : ((error as { type?: string }).type ?? "bad request");
