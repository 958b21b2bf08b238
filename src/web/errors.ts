// Error pages: what happened, whether the visitor's text is safe, and what to do next.

import type { ErrorRequestHandler } from "express";
import { isHttpError } from "http-errors";
import type { Context, Page } from "./context.ts";

// views/pages/failure.ejs has the text below each title.
const titles: Record<string, string> = {
  400: "We could not read this request.",
  403: "This form was sent from another site, so we did not accept it.",
  404: "Nothing lives at this address.",
  405: "This page does not accept that kind of request.",
  413: "That message is too long to send here.",
  415: "The form arrived in a format we cannot read.",
  500: "Something went wrong on our side.",
  503: "Too many messages are arriving at once.",
  "receipt 404": "We have no message with this reference.",
  "receipt 503": "We cannot show your receipt at the moment.",
  "inquiry 404": "There is no inquiry at this address.",
  "inquiry 429": "This inquiry was marked too many times.",
  "inquiry 503": "Inquiries are unavailable at the moment.",
};

/** What the visitor wanted: to send the form, to see the receipt, to mark an inquiry as staff do, or another page. */
type Subject = "form" | "receipt" | "inquiry" | "page";

/** Returns the error page for a status. `detail` is the error, shown in development only. */
export function failurePage(
  status: number,
  details: { about: Subject; requestId: unknown; detail: string },
): Page {
  const title =
    titles[`${details.about} ${status}`] ??
    titles[status] ??
    titles[status < 500 ? 400 : 500] ??
    "";
  return { view: "pages/failure", title, data: { ...details, title, status } };
}

/** Returns the last handler of the app, which logs an error and sends its page. */
export function handleErrors({
  show,
  log,
  config,
}: Pick<Context, "show" | "log" | "config">): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const about = subjectOf(request.path);
    const status = statusOf(error, about);
    const reason = isHttpError(error) ? error.message : "bad request"; // messages of other errors may quote what a visitor sent
    const requestId: unknown = response.locals["requestId"];
    const isRefusal = status < 500 || (isHttpError(error) && error.expose);
    if (!isRefusal) log.error({ err: error, request: requestId }, "a request failed");
    else {
      // Only posts at warn, or unknown addresses would fill the log.
      const level = request.method === "POST" ? "warn" : "debug";
      log[level]({ status, reason, request: requestId }, "a request was refused");
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    try {
      if (status === 503) response.set("Retry-After", "60");
      const details = { about, requestId, detail: config.development ? String(error) : "" };
      show(response, status, failurePage(status, details), { cacheControl: "no-store" });
    } catch (renderError) {
      log.error(
        { err: renderError },
        "the error page could not be rendered, so plain text was sent",
      );
      response
        .status(status)
        .type("text/plain")
        .send(`${status}: this page could not be shown. Nothing was changed.\n`);
    }
  };
}

function subjectOf(path: string): Subject {
  if (path === "/contact") return "form";
  if (path === "/contact/received") return "receipt";
  return path.startsWith("/staff/") ? "inquiry" : "page";
}

/** Returns the status of an error of Express, or 500 for any other error, or 503 on a page for which the store probably failed. */
function statusOf(error: unknown, about: Subject): number {
  const status = Number((error as { status?: unknown } | undefined)?.status);
  if (status >= 400 && status < 600) return status;
  return about === "receipt" || about === "inquiry" ? 503 : 500;
}
