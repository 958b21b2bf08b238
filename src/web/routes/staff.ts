// The page on which staff set the progress of one inquiry, or release it from quarantine. The mails
// to staff link to it. Clients may have the link too, because replies quote the mail. So the page
// shows no personal data, every change can be corrected, and the next digest lists it.

import type { Express, Request, RequestHandler, Response } from "express";
import { inBothCities } from "../../inquiries/mail-text.ts";
import {
  deadlineOf,
  deadlinesFrom,
  isProgress,
  nextProgress,
  progressTable,
  type Progress,
} from "../../inquiries/progress.ts";
import type { Inquiry } from "../../inquiries/store/schema.ts";
import type { Context, Page } from "../context.ts";
import { HttpError } from "../errors.ts";
import { formBody, onlyMethods, sameOrigin } from "../middleware.ts";
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

/** What a button of the page does: it sets the progress, or releases the inquiry. */
type Action = Progress | "release";

const isAction = (value: unknown): value is Action => value === "release" || isProgress(value);

export function staffRoutes(app: Express, context: Context): void {
  const { config, store, worker, clock, log, show } = context;
  app
    .route("/staff/:token")
    .all(headers)
    .get(async (request, response) =>
      show(response, 200, staffPage(await find(request), clock(), undefined)),
    )
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), act)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function find({ params: { token } }: Request): Promise<Inquiry> {
    const isToken = typeof token === "string" && /^[\da-f]{32}$/.test(token);
    const inquiry = isToken ? await store.find({ token }) : undefined;
    if (!inquiry) throw new HttpError(404, "no such inquiry");
    return inquiry;
  }

  /** Does what a button says, unless the inquiry was changed after the page was opened. */
  async function act(request: Request, response: Response): Promise<void> {
    const { progress: action, seen } = request.body as { progress?: unknown; seen?: unknown };
    if (!isAction(action) || typeof seen !== "string" || !/^\d{1,15}$/.test(seen))
      throw new HttpError(422, "no such progress");
    const { reference, token } = await find(request);
    const now = clock();
    const { answerBy } = deadlinesFrom(now, config.replyWithinWorkingDays);
    const changed = await (action === "release"
      ? store.release(reference, answerBy, now, Number(seen))
      : store.setProgress(reference, action, now, Number(seen)));
    const requestId = response.locals["requestId"] as unknown;
    log.info(
      { inquiry: reference, progress: action, changed, request: requestId },
      "a button of the staff page was pressed",
    );
    if (action === "release" && changed) worker.nudge();
    if (changed) response.redirect(303, `/staff/${token}`);
    else show(response, 409, staffPage(await find(request), clock(), action));
  }
}

/** Returns the staff page of an inquiry. `refused`: the action that changed nothing. */
function staffPage(inquiry: Inquiry, now: Date, refused: Action | undefined): Page {
  const { reference, state, received_at, promised_by, progress, progress_at } = inquiry;
  const due = deadlineOf(inquiry);
  const time = (at: number | null) => at !== null && inBothCities(new Date(at));
  const { words } = progressTable[progress];
  const isQuarantined = state === "quarantined";
  const release = { value: "release", button: "Send it to us as a normal email" };
  const offered = nextProgress(inquiry).map((value) => ({ value, ...progressTable[value] }));
  return {
    view: "pages/staff",
    title: `Inquiry ${reference}`,
    data: {
      reference,
      isRefused: refused !== undefined,
      earlier:
        refused === "release" && !isQuarantined
          ? `released from quarantine on ${time(inquiry.waiting_since)}`
          : refused === progress && `${words} on ${time(progress_at)}`,
      received: time(received_at),
      promised: time(promised_by),
      quarantined: isQuarantined && inquiry.quarantine_reason,
      isEmailed: emailedTime(inquiry) !== null,
      isOpen: progress === "open",
      words: words.charAt(0).toUpperCase() + words.slice(1),
      changed: time(progress_at),
      overdueSince: due !== undefined && due < now && inBothCities(due),
      seen: progress_at ?? 0,
      // What undoes a click is first, or staff who close an inquiry by mistake send it by another.
      offered: isQuarantined && progress === "open" ? [release, ...offered] : offered,
    },
  };
}
