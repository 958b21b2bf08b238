// The receipt, to which the form leads.

import type { Express } from "express";
import { clockTime, dayAndClockTime, weekdayDate } from "../../calendar.ts";
import { company } from "../../company.ts";
import { emailedTime } from "../../inquiries/delivery.ts";
import { chosenKind } from "../../inquiries/form.ts";
import { isOverdue, type Progress } from "../../inquiries/handling.ts";
import { parseReference, type Inquiry } from "../../inquiries/inquiry.ts";
import { mailto } from "../../inquiries/mail/text.ts";
import { receiptHref, urls } from "../../urls.ts";
import type { Page } from "../pages.ts";
import { addGetRoute, HttpError, parseQuery, type RouteContext } from "../routing.ts";

const { timeZone } = company.headOffice;

export function receiptRoutes(app: Express, context: RouteContext): void {
  addGetRoute(app, urls.receipt, async (request, response) => {
    const reference = parseReference(parseQuery(request).get("ref") ?? "");
    const inquiry = reference && (await context.store.find({ reference }));
    if (!inquiry) throw new HttpError(404, "no such reference");
    context.show(response, 200, receiptPage(context, inquiry));
  });
}

/** Nothing that was typed: what it recommends to read depends only on the kind of help. */
function receiptPage({ config, clock }: RouteContext, inquiry: Inquiry): Page {
  const { reference, receivedAt, handling, answers } = inquiry;
  const { promisedBy, progress, changedAt } = handling;
  const isLate = isOverdue(handling, clock());
  const isOver = progress === "answered" || progress === "closed";
  const stage = isOver ? progress : isLate ? "late" : "open";
  return {
    view: "pages/receipt",
    title: {
      answered: "We have replied to your message.",
      closed: "Your message is with us.",
      late: "Our reply is late.",
      open: "Your message is with us.",
    }[stage],
    section: urls.contact,
    data: {
      reference,
      stage,
      isRead: progress !== "open",
      kind: answers.kind,
      mayBeDown: chosenKind(answers).mayBeDown,
      answered: dayAndTime(changedAt ?? receivedAt),
      deadline: promisedBy && dayAndTime(promisedBy),
      steps: listSteps(inquiry, isLate),
      writeMore: mailto(config.contactEmail, { subject: reference }),
      toYourself: mailto("", { subject: reference, body: config.siteUrl + receiptHref(reference) }),
    },
  };
}

/** Of what staff did, the store has only the time of the last. */
function listSteps(inquiry: Inquiry, isLate: boolean) {
  const { receivedAt, delivery, handling } = inquiry;
  const { promisedBy, progress, changedAt } = handling;
  const time = (at: Date) => dayAndClockTime(at, timeZone);
  const step = (name: string, value: string, isDone = true) => ({ name, value, isDone });
  const emailedAt = emailedTime(delivery);
  const present = time(changedAt ?? receivedAt);
  const deadline = promisedBy && dayAndTime(promisedBy);
  const promise = deadline ? `by ${deadline.day.slice(0, 3)} ${deadline.time}` : "to follow";
  const reply = step("Reply", isLate ? "not recorded" : promise, false);
  const lastSteps: Record<Progress, ReturnType<typeof step>[]> = {
    open: [step("Read", "not yet", false), reply],
    taken: [step("Read", present), reply],
    answered: [step("Reply", present)],
    closed: [step("Read", present)], // no reply will follow
  };
  return [
    step("Saved", time(receivedAt)),
    step("Email to us", emailedAt ? time(emailedAt) : "not yet", emailedAt !== undefined),
    ...lastSteps[progress],
  ];
}

/** "17:00", "Wednesday 25 November" */
export function dayAndTime(instant: Date): { time: string; day: string } {
  return {
    time: clockTime(instant, timeZone),
    day: weekdayDate(instant, timeZone).replace(/(\d) /, "$1\u00a0"),
  };
}
