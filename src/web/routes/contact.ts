// The project form, its submission, and the receipt.

import type { Express, Request, Response } from "express";
import createError from "http-errors";
import { isMailDelayed } from "../../inquiries/alerts.ts";
import { checkForm, choicesOf, type Answers, type Problem } from "../../inquiries/form.ts";
import { asPlainText, mailto } from "../../inquiries/inquiry-mail.ts";
import { parseReference } from "../../inquiries/reference.ts";
import type { Context, Page } from "../context.ts";
import { formBody } from "../form-body.ts";
import { onlyMethods, addGetRoute, sameOrigin } from "../middleware.ts";
import { fixedPage, numberWord } from "../pages.ts";
import { receiptPage } from "../receipt.ts";
import { createSubmit, isConfirmed } from "../submit.ts";

const bodyLimitBytes = 256 * 1024; // 20,000 characters of any script are at most 180,000 bytes once percent-encoded

/** With no-store, the browser's Back button would show an error page, and the visitor's text would be lost. */
const cacheControl = "private, no-cache";

/** What views/partials/form.ejs shows. */
type Form = {
  typed: Answers;
  problems: Problem[];
  /** Whether the problem is a question about the email address, which the sender can answer by sending the form again. */
  isQuestion: boolean;
  /** The email address that the sender was asked to confirm. */
  emailToConfirm: string;
  source: string;
};

export const emptyForm = (source = ""): Form => ({
  typed: {},
  problems: [],
  isQuestion: false,
  emailToConfirm: "",
  source,
});

export function contactRoutes(app: Express, context: Context): void {
  const { config, library, inbox, now, log, show } = context;
  const submit = createSubmit(context);

  app
    .route("/contact")
    .get(async ({ query: { kind } }, response) => {
      const choice = choicesOf("kind").find(({ value }) => value === kind);
      const form = { ...emptyForm(), typed: choice ? { kind: choice.value } : {} };
      const caching = choice ? { cacheControl } : { maxAge: 300 };
      show(response, 200, contactPage({ form, delayed: await isDelayed() }), caching);
    })
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), receive)
    .all(onlyMethods("GET", "HEAD", "POST"));

  addGetRoute(app, "/contact/received", async (request, response) => {
    const { ref } = request.query;
    const reference = typeof ref === "string" && parseReference(ref);
    const inquiry = reference && (await inbox.find(reference));
    if (!inquiry) throw createError(404, "no such reference");
    show(response, 200, receiptPage({ config, library, now }, inquiry, await isDelayed()));
  });

  async function receive(request: Request, response: Response): Promise<void> {
    response.set("Cache-Control", cacheControl);
    const body = request.body as Partial<Record<string, string>>;
    const article = library.find(body["from"] ?? "", now());
    const checked = checkForm(body);
    const typed = checked.ok ? checked.answers : checked.typed;
    const { email = "" } = typed;
    const form = {
      ...emptyForm(article?.slug),
      typed,
      emailToConfirm: isConfirmed(email, body) ? email : "",
    };
    if (!checked.ok)
      return show(response, 422, contactPage({ form: { ...form, problems: checked.problems } }));
    const { answers } = checked;
    const requestId: unknown = response.locals["requestId"];
    try {
      const result = await submit({ answers, body, article, ip: request.ip ?? "" });
      if ("question" in result) {
        log.info(
          { request: requestId },
          "the sender of an inquiry was asked to confirm the email address",
        );
        const problems = [{ field: "email", message: result.question, isMissing: false }];
        return show(
          response,
          422,
          contactPage({
            form: { ...form, problems, isQuestion: true, emailToConfirm: email },
          }),
        );
      }
      if ("waitSeconds" in result) {
        log.warn(
          { request: requestId },
          "a network sent more inquiries than INQUIRIES_PER_10_MINUTES",
        );
        response.set("Retry-After", String(result.waitSeconds));
        const notice = { waitMinutes: Math.ceil(result.waitSeconds / 60) };
        return show(response, 429, contactPage({ form, notice }));
      }
      log.info(
        { inquiry: result.reference, repeated: result.isRepeated, request: requestId },
        "an inquiry was stored",
      );
      response.redirect(303, `/contact/received?ref=${result.reference}`);
    } catch (error) {
      log.error({ err: error, request: requestId }, "an inquiry could not be stored");
      const asMail = mailto(config.contactEmail, {
        subject: "Our project",
        body: asPlainText(answers),
      });
      response.set("Retry-After", "60");
      show(response, 503, contactPage({ form, notice: { asMail } }));
    }
  }

  /** Whether mail is so late that visitors should know. False if the store cannot be read. */
  async function isDelayed(): Promise<boolean> {
    const oldest = await inbox.oldestUndeliveredAt().catch(() => undefined);
    return isMailDelayed(oldest, now());
  }
}

type ContactData = {
  form: Form;
  delayed?: boolean;
  notice?: { asMail: string } | { waitMinutes: number };
};

export function contactPage({ form, notice, delayed = false }: ContactData): Page {
  const hasProblem = form.problems.length > 0 || notice !== undefined;
  const failure =
    notice &&
    ("asMail" in notice
      ? "We could not save your message."
      : "Too many messages from your network.");
  const { view, title, description, path } = fixedPage("/contact");
  const heading = failure ?? (form.isQuestion ? "Is your email address correct?" : title);
  const summaryTitle = notice
    ? "What you can do"
    : form.isQuestion
      ? "Your message has not been sent yet"
      : describeProblems(form.problems);
  return {
    view,
    title: hasProblem && !form.isQuestion ? `Error: ${heading}` : heading,
    description,
    ...(hasProblem ? {} : { path }),
    section: path,
    data: {
      heading,
      form,
      hasProblem,
      notice,
      delayed,
      summaryTitle,
    },
  };
}

/** Returns, for example, "Two answers are missing" or "One answer needs correcting". */
function describeProblems(problems: Problem[]): string {
  const isOne = problems.length === 1;
  const areMissing = problems.every(({ isMissing }) => isMissing);
  const fault = areMissing
    ? `${isOne ? "is" : "are"} missing`
    : `${isOne ? "needs" : "need"} correcting`;
  return `${numberWord(problems.length)} ${isOne ? "answer" : "answers"} ${fault}`;
}
