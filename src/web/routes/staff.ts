// The page on which staff set the progress of one inquiry, or release it from quarantine. The mails
// to staff link to it. Clients may have the link too, because replies quote the mail. So the page
// shows nothing of the sender, and every change can be corrected.

import type { Express, Request, RequestHandler, Response } from "express";
import { emailedTime, type Inquiry, type Progress } from "../../inquiries/inquiry.ts";
import {
  deadlinesFrom,
  initialsPattern,
  isOverdue,
  isProgress,
  nextProgress,
  progressTable,
  progressWords,
} from "../../inquiries/progress.ts";
import { inBothCities, upperFirst } from "../../inquiries/mail-text.ts";
import { href, urls } from "../../urls.ts";
import { formBody, HttpError, onlyMethods, sameOrigin, type RouteContext } from "../routing.ts";
import type { Page } from "../pages.ts";

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

/** The action of a button: it sets the progress, or releases the inquiry. */
type Action = Progress | "release";

const isAction = (value: unknown): value is Action => value === "release" || isProgress(value);

export function staffRoutes(app: Express, context: RouteContext): void {
  const { config, store, clock, log, show } = context;
  app
    .route(urls.staff)
    .all(headers)
    .get(async (request, response) => show(response, 200, staffPage(await find(request), clock())))
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), act)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function find({ params: { token } }: Request): Promise<Inquiry> {
    const isToken = typeof token === "string" && /^[\da-f]{32}$/.test(token);
    const inquiry = isToken ? await store.find({ token }) : undefined;
    if (!inquiry) throw new HttpError(404, "no such inquiry");
    return inquiry;
  }

  /** Performs the action of a button, unless the inquiry was changed after the page was opened. */
  async function act(request: Request, response: Response): Promise<void> {
    const body = request.body as { progress?: unknown; seen?: unknown; initials?: unknown };
    const { progress: action, seen, initials = "" } = body;
    if (!isAction(action) || typeof seen !== "string" || !/^\d{1,15}$/.test(seen))
      throw new HttpError(422, "no such progress");
    const inquiry = await find(request);
    const { reference, token } = inquiry;
    const now = clock();
    const by = typeof initials === "string" ? initials.trim() : "?";
    if (!new RegExp(`^${initialsPattern}$`, "u").test(by))
      return show(response, 422, staffPage(inquiry, now, [wrongInitials]));
    const { answerBy } = deadlinesFrom(now, config.replyWithinWorkingDays);
    const changed = await (action === "release"
      ? store.release(reference, answerBy, now, Number(seen))
      : store.setProgress(reference, action, now, Number(seen), by));
    const { requestId } = response.locals;
    log.info(
      { inquiry: reference, progress: action, changed, request: requestId },
      "a button of the staff page was pressed",
    );
    if (changed) response.redirect(303, href("staff", { token }));
    else {
      const present = await find(request);
      show(response, 409, staffPage(present, clock(), [refusalOf(present, action)]));
    }
  }
}

const wrongInitials =
  "Nothing was changed: give your initials as at most 12 letters, full stops or hyphens.";

/** Returns the staff page of an inquiry. */
function staffPage(inquiry: Inquiry, now: Date, warnings: string[] = []): Page {
  const { reference, state, progressAt } = inquiry;
  const release = { value: "release", button: "Send it to us as a normal email" };
  const offered = nextProgress(inquiry).map((value) => ({ value, ...progressTable[value] }));
  return {
    view: "pages/staff",
    title: `Inquiry ${reference}`,
    data: {
      reference,
      warnings: isOverdue(inquiry, now)
        ? [...warnings, `Overdue: not answered by ${time(inquiry.answerBy)}.`]
        : warnings,
      facts: statusOf(inquiry, now),
      seen: progressAt?.getTime() ?? 0,
      initialsPattern: nextProgress(inquiry).includes("taken") ? initialsPattern : "",
      offered: state === "quarantined" ? [release, ...offered] : offered,
    },
  };
}

const time = (at: Date | undefined) => inBothCities(at ?? new Date(0));

/** Returns why a click changed nothing. */
function refusalOf(inquiry: Inquiry, refused: Action): string {
  const { state, progress, progressAt, waitingSince } = inquiry;
  const already = (what: string) =>
    `Your click changed nothing: this inquiry was already ${what}. If you clicked twice, that was your first click. Otherwise a colleague was first.`;
  if (refused === "release" && state !== "quarantined")
    return already(`released from quarantine on ${time(waitingSince)}`);
  if (refused === progress) return already(`${progressWords(inquiry)} on ${time(progressAt)}`);
  return "Nothing was changed: somebody changed this inquiry after you opened the page. This is how it is now.";
}

/** Returns the state of an inquiry as sentences without personal data. */
function statusOf(inquiry: Inquiry, now: Date): string[] {
  const { state, receivedAt, promisedBy, quarantineReason, progress, progressAt } = inquiry;
  const promise = promisedBy ? ` We promised an answer by ${time(promisedBy)}.` : "";
  const facts = [`Received ${time(receivedAt)}.${promise}`];
  const isEmailed = emailedTime(inquiry) !== undefined;
  if (state === "quarantined")
    facts.push(
      `In quarantine, so it wasn’t sent to us as an email of its own. The reason: ${quarantineReason}.`,
    );
  else if (!isEmailed) facts.push("The email to us hasn’t been sent yet.");
  const words = progressWords(inquiry);
  if (progress !== "open") facts.push(`${upperFirst(words)} on ${time(progressAt)}.`);
  else if (isEmailed && state !== "quarantined" && !isOverdue(inquiry, now))
    facts.push("Nobody has taken it yet.");
  return facts;
}
