// The page on which staff set the progress of one inquiry. The mail to staff links to it. Clients
// may have the link too, because replies quote the mail. So the page shows no personal data, every
// change can be corrected, and the next digest lists it.

import type { Express, Request, RequestHandler, Response } from "express";
import { inBothCities } from "../../inquiries/inquiry-mail.ts";
import { isProgress, nextDeadline, progressRows, progressTable } from "../../inquiries/progress.ts";
import type { Inquiry } from "../../inquiries/store/schema.ts";
import type { Context, Page } from "../context.ts";
import { formBody } from "../form-body.ts";
import { HttpError } from "../errors.ts";
import { onlyMethods, sameOrigin } from "../middleware.ts";
import { emailedTime } from "../receipt.ts";

const bodyLimitBytes = 1_024;

const headers: RequestHandler = (_request, response, next) => {
  // With `no-referrer`, as for drafts, a browser would send "Origin: null" with the form.
  response.set({
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
  });
  next();
};

export function staffRoutes(app: Express, { config, store, clock, log, show }: Context): void {
  app
    .route("/staff/:token")
    .all(headers)
    .get(async (request, response) =>
      show(response, 200, staffPage(await find(request), clock(), false)),
    )
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), setProgress)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function find({ params: { token } }: Request): Promise<Inquiry> {
    const isToken = typeof token === "string" && /^[\da-f]{32}$/.test(token);
    const inquiry = isToken ? await store.find({ token }) : undefined;
    if (!inquiry) throw new HttpError(404, "no such inquiry");
    return inquiry;
  }

  /** Sets the progress, unless it was changed after the page was opened. */
  async function setProgress(request: Request, response: Response): Promise<void> {
    const { progress, seen } = request.body as { progress?: unknown; seen?: unknown };
    if (!isProgress(progress) || typeof seen !== "string" || !/^\d{1,15}$/.test(seen))
      throw new HttpError(422, "no such progress");
    const { reference, token } = await find(request);
    const changed = await store.setProgress(reference, progress, clock(), Number(seen));
    const requestId = response.locals["requestId"] as unknown;
    log.info({ inquiry: reference, progress, changed, request: requestId }, "progress was set");
    const present = await find(request);
    if (present.progress === progress) response.redirect(303, `/staff/${token}`);
    else show(response, 409, staffPage(present, clock(), true));
  }
}

/** Returns the staff page of an inquiry. `isOutdated`: it was changed after the page was opened. */
function staffPage(inquiry: Inquiry, now: Date, isOutdated: boolean): Page {
  const { reference, received_at, promised_by, progress, progress_at } = inquiry;
  const due = nextDeadline(inquiry);
  const time = (at: number | null) => at !== null && inBothCities(new Date(at));
  const { words, deadline } = progressTable[progress];
  return {
    view: "pages/staff",
    title: `Inquiry ${reference}`,
    data: {
      reference,
      isOutdated,
      received: time(received_at),
      promised: time(promised_by),
      isEmailed: emailedTime(inquiry) !== null,
      isOpen: progress === "open",
      words: words.charAt(0).toUpperCase() + words.slice(1),
      changed: time(progress_at),
      overdue: due !== undefined &&
        due < now && {
          what: deadline === "take_by" ? "taken" : "answered",
          by: inBothCities(due),
        },
      seen: progress_at ?? 0,
      offered: progressRows.flatMap(([value, { button }]) =>
        value === progress ? [] : [{ value, button }],
      ),
    },
  };
}
