// Error pages: what happened, whether the visitor's text is safe, and what to do next.

import type { ErrorRequestHandler } from "express";
import { isHttpError } from "http-errors";
import type { Context, Page } from "./context.ts";

// views/pages/failure.ejs has the text below each title.
const titles: Record<number, string> = {
  400: "We could not read this request.",
  403: "This form was sent from another site, so we did not accept it.",
  404: "Nothing lives at this address.",
  405: "This page does not accept that kind of request.",
  413: "That message is too long to send here.",
  415: "The form arrived in a format we cannot read.",
  500: "Something went wrong on our side.",
  503: "Too many messages are arriving at once.",
};

type Details = { requestId: unknown; isForm: boolean; isStaffPage?: boolean; detail: string };

/** Returns the error page for a status. `detail` is the error, shown in development only. */
export function failurePage(status: number, details: Details): Page {
  const title = titles[status] ?? titles[status < 500 ? 400 : 500] ?? "";
  return { view: "pages/failure", title, data: { ...details, title, status } };
}

/** Returns the last handler of the app, which logs an error and sends its page. */
export function handleErrors({ show, log, config }: Pick<Context, "show" | "log" | "config">): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    const reason = isHttpError(error) ? error.message : "bad request"; // messages of other errors may quote what a visitor sent
    const requestId: unknown = response.locals["requestId"];
    const isRefusal = status < 500 || (isHttpError(error) && error.expose);
    if (!isRefusal) log.error({ err: error, request: requestId }, "a request failed");
    else log.warn({ status, reason, request: requestId }, "a request was refused");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    try {
      const pageStatus = isHttpError(error) ? Number(error["pageStatus"] ?? status) : status;
      const about = { isForm: request.path === "/contact", isStaffPage: request.path.startsWith("/staff/") };
      const details = { requestId, ...about, detail: config.development ? String(error) : "" };
      show(response, status, failurePage(pageStatus, details), { cacheControl: "no-store" });
    } catch (second) {
      log.error({ err: second }, "the error page could not be rendered, so plain text was sent");
      response.status(status).type("text/plain").send(`${status}: this page could not be shown. Nothing was changed.\n`);
    }
  };
}

/** Returns the status of an error of Express, or 500 for any other error, which is a fault of the site. */
function statusOf(error: unknown): number {
  const status = Number((error as { status?: unknown } | undefined)?.status);
  return status >= 400 && status < 600 ? status : 500;
}
