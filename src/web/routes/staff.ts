// The page on which staff mark one inquiry as taken or answered. The mail to staff links to it. Clients may have the link too, because replies
// quote the mail. So the page shows no personal data, every mark can be undone, and the next digest lists each one.

import type { Express, Request, RequestHandler, Response } from "express";
import { nextDeadline, replyDeadline } from "../../inquiries/deadlines.ts";
import { inBothCities } from "../../inquiries/inquiry-mail.ts";
import { isMark } from "../../inquiries/store/follow-up.ts";
import type { StoredInquiry } from "../../inquiries/store/schema.ts";
import type { Context, Page } from "../context.ts";
import { formBody } from "../form-body.ts";
import { HttpError } from "../http-error.ts";
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

export function staffRoutes(app: Express, { config, followUp, now, log, show }: Context): void {
  app
    .route("/staff/:token")
    .all(headers)
    .get(async (request, response) =>
      show(response, 200, staffPage(await find(request), config.replyWithinWorkingDays, now())),
    )
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), setMark)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function find({ params }: Request): Promise<StoredInquiry> {
    const { token } = params;
    const inquiry =
      typeof token === "string" && /^[\da-f]{32}$/.test(token)
        ? await followUp.findByToken(token)
        : undefined;
    if (!inquiry) throw new HttpError(404, "no such inquiry");
    return inquiry;
  }

  async function setMark(request: Request, response: Response): Promise<void> {
    const { mark } = request.body as { mark?: unknown };
    if (!isMark(mark)) throw new HttpError(422, "no such mark");
    const { reference, staff_token } = await find(request);
    const result = await followUp.mark(reference, mark, now());
    log.info(
      { inquiry: reference, mark, result, request: response.locals["requestId"] as unknown },
      "an inquiry was marked",
    );
    if (result === "too many") throw new HttpError(429, "too many marks");
    response.redirect(303, `/staff/${staff_token}`);
  }
}

/** The label of each mark's button, and of the mark once it is set. */
const labels = {
  taken: { button: "I am answering this", done: "Taken" },
  answered: { button: "This has been answered", done: "Answered" },
  closed: { button: "This needs no answer", done: "Closed" },
};
type SettableMark = keyof typeof labels;

/** Returns the staff page of an inquiry. `promisedWorkingDays`: as in the configuration. */
export function staffPage(
  inquiry: StoredInquiry,
  promisedWorkingDays: number | undefined,
  now: Date,
): Page {
  const { reference, received_at, taken_at, answered_at, closed_at } = inquiry;
  const promised = replyDeadline(inquiry, promisedWorkingDays);
  const due = nextDeadline(inquiry);
  const isOverdue = due !== undefined && due < now;
  const isDone = answered_at !== null || closed_at !== null;
  const times = { taken: taken_at, answered: answered_at, closed: closed_at };
  const marks = Object.entries(times).map(([mark, at]) => ({
    mark,
    at,
    ...labels[mark as SettableMark],
  }));
  const next: SettableMark[] = isDone
    ? []
    : taken_at === null
      ? ["taken", "answered", "closed"]
      : ["answered", "closed"];
  return {
    view: "pages/staff",
    title: `Inquiry ${reference}`,
    data: {
      reference,
      received: inBothCities(new Date(received_at)),
      promised: promised && inBothCities(promised),
      isEmailed: emailedTime(inquiry) !== null,
      overdue: isOverdue && {
        what: taken_at === null ? "taken" : "answered",
        by: inBothCities(due),
      },
      marked: marks.flatMap(({ mark, done, at }) =>
        at === null ? [] : [{ mark, done, at: inBothCities(new Date(at)) }],
      ),
      offered: next.map((mark) => ({ mark, button: labels[mark].button })),
    },
  };
}
