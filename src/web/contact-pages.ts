// The project form, what becomes of a post, and the receipt.

import { setImmediate as nextTurn } from "node:timers/promises";
import express, { type Express, type Request, type Response } from "express";
import { clockTime, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { mailto, replyDeadline } from "../inquiries/email.ts";
import { checkForm, choiceLabel, fields, trapName, type Inquiry, type Problem } from "../inquiries/inquiry.ts";
import { markName } from "../inquiries/live-check.ts";
import { parseReference } from "../inquiries/reference.ts";
import type { StoredInquiry } from "../inquiries/store-schema.ts";
import { suspicionOf } from "../inquiries/suspicion.ts";
import { mailIsDelayed } from "../inquiries/watch.ts";
import type { Context, Page } from "./context.ts";
import { formBodyOnly, onlyMethods, page, sameOrigin } from "./middleware.ts";
import { officeClocks } from "./offices.ts";
import { createRateLimit } from "./rate-limit.ts";

const bodyLimitBytes = 64 * 1024; // 5,000 characters of any script are at most 45,000 bytes once percent-encoded

/** What views/partials/form.ejs shows: the questions, what was typed, and what is wrong with it. */
type Form = { fields: typeof fields; trapName: string; words: Partial<Inquiry>; problems: Problem[]; source: string };

export const emptyForm = (source = ""): Form => ({ fields, trapName, words: {}, problems: [], source });

type Uses = Pick<Context, "config" | "library" | "store" | "delivery" | "now" | "log" | "show">;

export function contactRoutes(app: Express, { config, library, store, delivery, now, log, show }: Uses): void {
  const limit = createRateLimit(config.inquiriesPer10Minutes, now);
  const formBody = express.urlencoded({ extended: false, limit: bodyLimitBytes, parameterLimit: 32, inflate: false });

  app
    .route("/contact")
    .get(async (_request, response) => {
      show(response, 200, contactPage(now(), { form: emptyForm(), delayed: await delayed() }), { maxAge: 30 });
    })
    .post(sameOrigin(config.siteUrl), formBodyOnly(bodyLimitBytes), formBody, receive)
    .all(onlyMethods("GET", "HEAD", "POST"));

  page(app, "/contact/received", async (request, response) => {
    const { ref } = request.query;
    const reference = typeof ref === "string" && parseReference(ref);
    const inquiry = reference && (await store.find(reference));
    if (inquiry) return show(response, 200, receiptPage({ config, library, now }, inquiry, await delayed()));
    const title = "We have no message under this reference.";
    show(response, 404, { view: "pages/receipt-unknown", title, section: "/contact" });
  });

  async function receive(request: Request, response: Response): Promise<void> {
    response.set("Cache-Control", "private, no-cache"); // with no-store, Back shows a page of the browser's and the words are gone
    const body = (request.body ?? {}) as Record<string, unknown>;
    const article = typeof body["from"] === "string" ? library.find(body["from"], now()) : undefined;
    const form = emptyForm(article?.slug);
    const checked = checkForm(body);
    if (!checked.ok) return show(response, 422, contactPage(now(), { form: { ...form, ...checked } }));
    const { inquiry } = checked;
    const ip = request.ip ?? "";
    const recentFromSameNetwork = limit.recentCount(ip);
    let counted = false;
    try {
      if (await store.takeLiveCheck(inquiry, body[markName], now())) {
        const { stored } = await store.accept(inquiry, { slug: "", title: "", suspicion: "", liveCheck: true }, now());
        return receipt(response, stored.reference, false);
      }
      const waitSeconds = limit.take(ip);
      if (waitSeconds > 0) {
        // What is stored already is no new one. Copies that came in the same instant are stored by the next turn.
        await nextTurn();
        const same = await store.findSame(inquiry, now());
        if (same) return receipt(response, same.reference, true);
        return tooMany(response, { ...form, words: inquiry }, waitSeconds);
      }
      counted = true;
      const surroundings = { trapFilled: Boolean(body[trapName]), recentFromSameNetwork };
      const suspicion = suspicionOf(inquiry, surroundings) || (await beyondHourlyTotal());
      const circumstances = { slug: article?.slug ?? "", title: article?.title ?? "", suspicion };
      const { stored, repeated } = await store.accept(inquiry, circumstances, now());
      if (repeated) limit.giveBack(ip);
      delivery.nudge();
      receipt(response, stored.reference, repeated);
    } catch (error) {
      if (counted) limit.giveBack(ip);
      log.error({ err: error, request: response.locals["requestId"] }, "an inquiry could not be stored");
      const asMail = mailto(config.contactEmail, { subject: "Our project", body: asPlainText(inquiry) });
      response.set("Retry-After", "60");
      show(response, 503, contactPage(now(), { form: { ...form, words: inquiry }, notice: { asMail } }));
    }
  }

  function receipt(response: Response, reference: string, repeated: boolean): void {
    log.info({ inquiry: reference, repeated, request: response.locals["requestId"] }, "inquiry is stored");
    response.redirect(303, `/contact/received?ref=${reference}`);
  }

  function tooMany(response: Response, form: Form, waitSeconds: number): void {
    log.warn({ request: response.locals["requestId"] }, "a network sent more inquiries than INQUIRIES_PER_10_MINUTES");
    response.set("Retry-After", String(waitSeconds));
    show(response, 429, contactPage(now(), { form, notice: { waitMinutes: Math.ceil(waitSeconds / 60) } }));
  }

  async function beyondHourlyTotal(): Promise<string> {
    const most = config.inquiriesPerHourTotal;
    if (most === 0) return "";
    const lastHour = await store.countSince(new Date(now().getTime() - 3_600_000));
    return lastHour >= most ? `more than ${most} inquiries came within an hour` : "";
  }

  /** Whether mail is so late that visitors should know. A store that does not answer says nothing about mail. */
  async function delayed(): Promise<boolean> {
    const summary = await store.summary(now()).catch(() => undefined);
    return summary !== undefined && mailIsDelayed(summary, now());
  }
}

type ContactData = { form: Form; delayed?: boolean; notice?: { asMail: string } | { waitMinutes: number } };

export function contactPage(now: Date, { form, notice, delayed = false }: ContactData): Page {
  const wrong = form.problems.length > 0 || notice !== undefined;
  const troubled = notice && ("asMail" in notice ? "We could not save your message." : "That is a lot of messages.");
  const heading = troubled ?? "Tell us about your project";
  return {
    view: "pages/contact",
    title: wrong ? `Error: ${heading}` : heading,
    description: "Six questions, about two minutes. An engineer reads your answers and writes back.",
    ...(wrong ? {} : { path: "/contact" }),
    section: "/contact",
    data: { heading, form, wrong, notice, delayed, clocks: officeClocks(now) },
  };
}

/** What became of an inquiry, without a word of what it says. */
export function receiptPage(
  { config, library, now }: Pick<Context, "config" | "library" | "now">,
  inquiry: StoredInquiry,
  delayed: boolean,
): Page {
  const { timeZone } = company.headOffice;
  const clock = (instant: Date) => clockTime(instant, timeZone);
  const receivedAt = new Date(inquiry.received_at);
  const deadline = replyDeadline(receivedAt, config.replyWithinWorkingDays);
  const emailedAt = inquiry.handed_over_at ?? inquiry.listed_at; // one that was set aside reaches us with the daily mail
  return {
    view: "pages/receipt",
    title: "Your message is with us.",
    section: "/contact",
    data: {
      reference: inquiry.reference,
      saved: clock(receivedAt),
      emailed: emailedAt && clock(new Date(emailedAt)),
      deadline: deadline && { time: clock(deadline), day: weekdayDate(deadline, timeZone).replace(/(\d) /, "$1\u00a0") },
      delayed: delayed && !emailedAt,
      articles: library.list(now()).slice(0, 2),
      writeMore: mailto(config.contactEmail, { subject: inquiry.reference }),
    },
  };
}

/** The visitor's answers for a mail program; links longer than about 2,000 characters are cut by some of them. */
function asPlainText({ name, company: firm, kind, start, message }: Inquiry): string {
  const sender = firm ? `${name}, ${firm}` : name;
  const text = `${sender}\n\n${choiceLabel("kind", kind)}. ${choiceLabel("start", start)}.\n\n${message}`;
  return text.length > 1_800 ? `${text.slice(0, 1_700)}…\n\n(The form holds the rest.)` : text;
}
