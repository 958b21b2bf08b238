// The project form, its submission, and the receipt.

import type { Express, Request, Response } from "express";
import { clockTime, weekdayDate } from "../../calendar.ts";
import type { Article } from "../../articles/article.ts";
import { company } from "../../company.ts";
import { isMailDelayed } from "../../inquiries/alerts.ts";
import { overdueTimes, replyDeadline } from "../../inquiries/deadlines.ts";
import { checkForm, fields, liveCheckField, trapName, type Answers, type Problem } from "../../inquiries/form.ts";
import { asPlainText, mailto } from "../../inquiries/inquiry-mail.ts";
import { parseReference } from "../../inquiries/reference.ts";
import { quarantineReasonOf } from "../../inquiries/spam.ts";
import type { StoredInquiry } from "../../inquiries/store/schema.ts";
import type { Context, Page } from "../context.ts";
import { formBody } from "../form-body.ts";
import { onlyMethods, page, sameOrigin } from "../middleware.ts";
import { officeClocks } from "../offices.ts";
import { fixedPage, numberWord } from "../pages.ts";
import { createRateLimit } from "../rate-limit.ts";

const bodyLimitBytes = 256 * 1024; // 20,000 characters of any script are at most 180,000 bytes once percent-encoded

type Result = { reference: string; isRepeated: boolean } | { waitSeconds: number };

/** What views/partials/form.ejs shows: the fields, the typed answers, and the problems with them. */
type Form = { fields: typeof fields; trapName: string; typed: Answers; problems: Problem[]; source: string };

export const emptyForm = (source = ""): Form => ({ fields, trapName, typed: {}, problems: [], source });

export function contactRoutes(app: Express, { config, library, inbox, delivery, now, log, show }: Context): void {
  const limit = createRateLimit(config.inquiriesPer10Minutes, now);

  app
    .route("/contact")
    .get(async (_request, response) => {
      show(response, 200, contactPage(now(), { form: emptyForm(), delayed: await delayed() }), { maxAge: 30 });
    })
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), receive)
    .all(onlyMethods("GET", "HEAD", "POST"));

  page(app, "/contact/received", async (request, response) => {
    const { ref } = request.query;
    const reference = typeof ref === "string" && parseReference(ref);
    const inquiry = reference && (await inbox.find(reference));
    if (inquiry) return show(response, 200, receiptPage({ config, library, now }, inquiry, await delayed()));
    const title = "We have no message under this reference.";
    show(response, 404, { view: "pages/receipt-unknown", title, section: "/contact" });
  });

  async function receive(request: Request, response: Response): Promise<void> {
    // With no-store, the browser's Back button shows an error page, and the typed words are lost.
    response.set("Cache-Control", "private, no-cache");
    const body = request.body as Partial<Record<string, string>>;
    const article = library.find(body["from"] ?? "", now());
    const form = emptyForm(article?.slug);
    const checked = checkForm(body);
    if (!checked.ok) return show(response, 422, contactPage(now(), { form: { ...form, ...checked } }));
    const { answers } = checked;
    const requestId: unknown = response.locals["requestId"];
    try {
      const result = await store(answers, body, article, request.ip ?? "");
      if ("waitSeconds" in result) {
        log.warn({ request: requestId }, "a network sent more inquiries than INQUIRIES_PER_10_MINUTES");
        response.set("Retry-After", String(result.waitSeconds));
        const notice = { waitMinutes: Math.ceil(result.waitSeconds / 60) };
        return show(response, 429, contactPage(now(), { form: { ...form, typed: answers }, notice }));
      }
      log.info({ inquiry: result.reference, repeated: result.isRepeated, request: requestId }, "inquiry is stored");
      response.redirect(303, `/contact/received?ref=${result.reference}`);
    } catch (error) {
      log.error({ err: error, request: requestId }, "an inquiry could not be stored");
      const asMail = mailto(config.contactEmail, { subject: "Our project", body: asPlainText(answers) });
      response.set("Retry-After", "60");
      show(response, 503, contactPage(now(), { form: { ...form, typed: answers }, notice: { asMail } }));
    }
  }

  /** Stores an inquiry and returns its reference, or the seconds to wait if the network has reached its limit. Throws if the store fails. */
  async function store(answers: Answers, body: Partial<Record<string, string>>, article: Article | undefined, ip: string): Promise<Result> {
    if (await inbox.consumeLiveCheckToken(body[liveCheckField], now())) {
      const { inquiry } = await inbox.accept(answers, { slug: "", title: "", quarantineReason: "", isLiveCheck: true }, now());
      return { reference: inquiry.reference, isRepeated: false };
    }
    const recentFromSameNetwork = limit.recentCount(ip);
    const waitSeconds = limit.take(ip);
    if (waitSeconds > 0) {
      const duplicate = await inbox.findDuplicate(answers, now());
      return duplicate ? { reference: duplicate.reference, isRepeated: true } : { waitSeconds };
    }
    try {
      const signals = { trapFilled: Boolean(body[trapName]), recentFromSameNetwork };
      const quarantineReason = quarantineReasonOf(answers, signals) || (await beyondHourlyTotal());
      const deadlines = overdueTimes(now(), config.replyWithinWorkingDays);
      const submission = { slug: article?.slug ?? "", title: article?.title ?? "", quarantineReason, deadlines };
      const { inquiry, isRepeated } = await inbox.accept(answers, submission, now());
      if (isRepeated) limit.giveBack(ip);
      delivery.nudge();
      return { reference: inquiry.reference, isRepeated };
    } catch (error) {
      limit.giveBack(ip);
      throw error;
    }
  }

  /** Returns the reason for quarantine if the site has received too many inquiries, or "". */
  async function beyondHourlyTotal(): Promise<string> {
    const { inquiriesPerHourTotal: max } = config;
    if (max === 0) return "";
    const lastHour = await inbox.countSince(new Date(now().getTime() - 3_600_000));
    return lastHour >= max ? `more than ${max} inquiries came within an hour` : "";
  }

  /** Whether mail is so late that visitors should know. A store that cannot be reached says nothing about mail. */
  async function delayed(): Promise<boolean> {
    const oldest = await inbox.oldestUndeliveredAt().catch(() => undefined);
    return isMailDelayed(oldest, now());
  }
}

type ContactData = { form: Form; delayed?: boolean; notice?: { asMail: string } | { waitMinutes: number } };

export function contactPage(now: Date, { form, notice, delayed = false }: ContactData): Page {
  const wrong = form.problems.length > 0 || notice !== undefined;
  const failure = notice && ("asMail" in notice ? "We could not save your message." : "That is a lot of messages.");
  const { view, title, description, path } = fixedPage("/contact");
  const heading = failure ?? title;
  return {
    view,
    title: wrong ? `Error: ${heading}` : heading,
    description,
    ...(wrong ? {} : { path }),
    section: path,
    data: {
      heading,
      form,
      wrong,
      notice,
      delayed,
      summaryTitle: notice ? "Two ways on" : countProblems(form.problems),
      clocks: officeClocks(now),
    },
  };
}

/** Returns, for example, "Two answers are missing, and one needs another look". */
function countProblems(problems: Problem[]): string {
  const missing = problems.filter(({ isMissing }) => isMissing).length;
  const wrong = problems.length - missing;
  const areMissing = `${numberWord(missing)} ${missing === 1 ? "answer is" : "answers are"} missing`;
  if (wrong === 0) return areMissing;
  const needsAnotherLook = `${wrong === 1 ? "needs" : "need"} another look`;
  if (missing === 0) return `${numberWord(wrong)} ${wrong === 1 ? "answer" : "answers"} ${needsAnotherLook}`;
  return `${areMissing}, and ${numberWord(wrong).toLowerCase()} ${needsAnotherLook}`;
}

/** Returns the receipt of an inquiry. It contains no answer of it. */
export function receiptPage(
  { config, library, now }: Pick<Context, "config" | "library" | "now">,
  inquiry: StoredInquiry,
  delayed: boolean,
): Page {
  const { timeZone } = company.headOffice;
  const clock = (instant: Date) => clockTime(instant, timeZone);
  const receivedAt = new Date(inquiry.received_at);
  const deadline = replyDeadline(receivedAt, config.replyWithinWorkingDays);
  const emailedAt = inquiry.sent_at ?? inquiry.digest_at; // a quarantined one reaches staff with the digest
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
