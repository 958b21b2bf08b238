// The page on which staff set the progress of one inquiry, or approve it in quarantine. The mails
// to staff link to it. Clients may have the link too, because replies quote the mail. So the page
// shows nothing that anybody wrote, and every change can be corrected.

import type { Express, Request, RequestHandler, Response } from "express";
import { refusedAddress } from "../../inquiries/mail/confirmation.ts";
import { emailedTime, quarantineWords } from "../../inquiries/delivery.ts";
import {
  actions,
  approveButton,
  isOverdue,
  nextProgress,
  progressTable,
  progressWords,
  type Action,
  deadlinesFrom,
} from "../../inquiries/handling.ts";
import type { Inquiry } from "../../inquiries/inquiry.ts";
import { describeRelated } from "../../inquiries/related.ts";
import type { Section } from "../../inquiries/store/interface.ts";
import { inEachOffice, upperFirst } from "../../inquiries/mail/text.ts";
import { href, urls } from "../../urls.ts";
import { formBody, HttpError, onlyMethods, sameOrigin } from "../refusals.ts";
import type { RouteContext } from "../routing.ts";
import type { Page } from "../pages.ts";

const bodyLimitBytes = 1_024;

const headers: RequestHandler = (_request, response, next) => {
  // With `no-referrer`, which drafts have, a browser would send "Origin: null" with the form.
  response.set("Referrer-Policy", "same-origin");
  next();
};

/** A regular expression for the initials of whoever presses a button, in any script: "A-M". */
const initialsPattern = String.raw`(?![.\-]+$)[\p{L}.\-]{0,12}`;

const isAction = (value: unknown): value is Action =>
  typeof value === "string" && Object.hasOwn(actions, value);

export function staffRoutes(app: Express, context: RouteContext): void {
  const { config, store, clock, log, show } = context;
  app
    .route(urls.staff)
    .all(headers)
    .get(async (request, response) => showPage(response, 200, await find(request)))
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), act)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function showPage(response: Response, status: number, inquiry: Inquiry, warning?: string) {
    const related = await store.related(inquiry);
    show(response, status, staffPage(inquiry, related, clock(), warning));
  }

  async function find({ params: { token } }: Request): Promise<Inquiry> {
    const isToken = typeof token === "string" && /^[\da-f]{32}$/.test(token);
    const inquiry = isToken ? await store.find({ token }) : undefined;
    if (!inquiry) throw new HttpError(404, "no such inquiry");
    return inquiry;
  }

  /** Performs the action of a button, unless the inquiry was changed after the page was opened. */
  async function act(request: Request, response: Response): Promise<void> {
    const { action, seen, initials = "" } = request.body as Record<string, unknown>;
    if (!isAction(action) || typeof seen !== "string" || typeof initials !== "string")
      throw new HttpError(422, "no such action");
    const inquiry = await find(request);
    const { reference, token } = inquiry;
    const now = clock();
    const by = initials.trim();
    if (!new RegExp(`^${initialsPattern}$`, "u").test(by))
      return showPage(response, 422, inquiry, wrongInitials);
    const { answerBy } = deadlinesFrom(now, config.replyWithinWorkingDays);
    const change =
      seen === String(version(inquiry)) && actions[action](inquiry, { by, answerBy, now });
    const changed = change ? await store.save(inquiry, change) : false;
    const { requestId } = response.locals;
    log.info(
      { inquiry: reference, action, changed, request: requestId },
      "a button of the staff page was pressed",
    );
    if (changed) response.redirect(303, href("staff", { token }));
    else await showPage(response, 409, await find(request), changedBefore);
  }
}

const changedBefore =
  "Your click changed nothing: this inquiry has changed since you opened the page, by a colleague or by your own first click. This is how it is now.";
const wrongInitials =
  "Nothing was changed: give your initials as at most 12 letters, full stops or hyphens.";

function staffPage(inquiry: Inquiry, related: Section, now: Date, warning?: string): Page {
  const warnings = [warning ?? []].flat();
  const { reference, delivery, handling } = inquiry;
  const approve = { value: "approve", button: approveButton };
  const offered = nextProgress(inquiry).map((value) => ({ value, ...progressTable[value] }));
  return {
    view: "pages/staff",
    title: `Inquiry ${reference}`,
    data: {
      reference,
      warnings: isOverdue(handling, now)
        ? [...warnings, `Overdue: not answered by ${inEachOffice(handling.answerBy)}.`]
        : warnings,
      facts: describeState(inquiry, now),
      related: {
        // The other inquiries of the client are no links: the client may have this page, and must
        // not get to the staff page of a colleague's inquiry.
        lines: related.inquiries.map((other) => describeRelated(inquiry, other)),
        others: related.total - related.inquiries.length,
      },
      seen: version(inquiry),
      initialsPattern,
      offered: delivery.state === "quarantined" ? [approve, ...offered] : offered,
    },
  };
}

/** Returns the version that a page sends back, so that a click on an old page changes nothing. */
const version = ({ handling }: Inquiry) => handling.changedAt?.getTime() ?? 0;

/** Says in sentences without personal data what has become of an inquiry. */
function describeState(inquiry: Inquiry, now: Date): string[] {
  const { receivedAt, delivery, handling, confirmation } = inquiry;
  const { state } = delivery;
  const { promisedBy, progress, changedAt, takenBy } = handling;
  const promise = promisedBy ? ` We promised an answer by ${inEachOffice(promisedBy)}.` : "";
  const facts = [`Received ${inEachOffice(receivedAt)}.${promise}`];
  const isEmailed = emailedTime(delivery) !== undefined;
  if (state === "quarantined")
    facts.push(
      `In quarantine, so it wasn’t sent to us as an email of its own. The reason: ${quarantineWords(delivery)}.`,
    );
  else if (!isEmailed) facts.push("The email to us hasn’t been sent yet.");
  if (confirmation === "refused") facts.push(refusedAddress);
  const words = progressWords(handling);
  if (changedAt && (progress !== "open" || takenBy !== ""))
    facts.push(`${upperFirst(words)} on ${inEachOffice(changedAt)}.`);
  if (progress === "open" && isEmailed && state !== "quarantined" && !isOverdue(handling, now))
    facts.push("Nobody has taken it yet.");
  return facts;
}
