// The receipt, to which the form leads.

import type { Express } from "express";
import { clockTime, dayAndClockTime, dayAndTime } from "../../calendar.ts";
import { company } from "../../company.ts";
import { readableAnswers } from "../../inquiries/answers.ts";
import { emailedTime } from "../../inquiries/delivery.ts";
import { chosenKind } from "../../inquiries/form.ts";
import { isOverdue, type Handling } from "../../inquiries/handling.ts";
import { copyShownUntil, parseReference, type Inquiry } from "../../inquiries/inquiry.ts";
import { mailto } from "../../inquiries/mail/text.ts";
import { receiptHref, urls } from "../../urls.ts";
import type { Page } from "../pages.ts";
import { HttpError } from "../refusals.ts";
import { addGetRoute, parseQuery, type RouteContext } from "../routing.ts";

const { timeZone } = company.headOffice;

export function receiptRoutes(app: Express, context: RouteContext): void {
  addGetRoute(app, urls.receipt, async (request, response) => {
    const query = parseQuery(request);
    const reference = parseReference(query.get("ref") ?? "");
    const inquiry = reference && (await context.store.find({ reference }));
    if (!inquiry) throw new HttpError(404, "no such reference");
    const copyUntil = copyShownUntil(inquiry, query.get("key") ?? "", context.clock());
    response.set("Referrer-Policy", "no-referrer"); // the address of the receipt has the key
    context.show(response, 200, receiptPage(context, inquiry, copyUntil));
  });
}

/**
 * Returns the receipt. It shows what was typed only if there is a `copyUntil`. What it recommends
 * to read depends on the kind of help and on its stage, and never on what was typed.
 */
function receiptPage(
  { config, clock }: RouteContext,
  inquiry: Inquiry,
  copyUntil: Date | undefined,
): Page {
  const { reference, receivedAt, delivery, handling, answers, confirmation } = inquiry;
  const { promisedBy, progress, changedAt = receivedAt } = handling;
  const stage = stageOf(handling, clock());
  const isRead = progress !== "open";
  const deadline = promisedBy && dayAndTime(promisedBy, timeZone);
  const promise = deadline ? `by ${deadline.day.slice(0, 3)} ${deadline.time}` : "to follow";
  // Of an inquiry the store keeps only the time at which staff last set its progress.
  const read = step("Read", isRead ? changedAt : undefined);
  const stages: Record<Stage, { title: string; steps: Step[] }> = {
    open: {
      title: "Your message is with us.",
      steps: [read, step("Reply", undefined, promise)],
    },
    late: {
      title: "Our reply is late.",
      steps: [read, step("Reply", undefined, "not recorded")],
    },
    answered: {
      title: "We have replied to your message.",
      steps: [step("Reply", changedAt)],
    },
    closed: {
      title: "Your message is with us.",
      steps: [read],
    },
  };
  const { title, steps } = stages[stage];
  return {
    view: "pages/receipt",
    title,
    section: urls.contact,
    data: {
      reference,
      stage,
      isRead,
      kind: answers.kind,
      // The receipt says what was ticked and not what became of it: nobody in quarantine gets a
      // confirmation, and the receipt doesn't say who is in quarantine.
      isConfirmationWanted: Boolean(answers.confirmation),
      isAddressRefused: confirmation === "refused",
      mayBeDown: chosenKind(answers).mayBeDown,
      answered: dayAndTime(changedAt, timeZone),
      deadline,
      copyUntil: copyUntil && clockTime(copyUntil, timeZone),
      copy: copyUntil ? readableAnswers(answers) : [],
      steps: [
        step("Saved", receivedAt),
        step("Sent to our mailbox", emailedTime(delivery)),
        ...steps,
      ],
      writeMore: mailto(config.contactEmail, { subject: reference }),
      toYourself: mailto("", { subject: reference, body: config.siteUrl + receiptHref(reference) }),
    },
  };
}

type Stage = "open" | "late" | "answered" | "closed";

function stageOf(handling: Handling, now: Date): Stage {
  const { progress } = handling;
  if (progress === "answered" || progress === "closed") return progress;
  return isOverdue(handling, now) ? "late" : "open";
}

type Step = { name: string; value: string; isDone: boolean };

const step = (name: string, at: Date | undefined, otherwise = "not yet"): Step => {
  return { name, value: at ? dayAndClockTime(at, timeZone) : otherwise, isDone: Boolean(at) };
};
