// The project form and its submission.

import type { Express, Request, Response } from "express";
import { dayAndTime } from "../../calendar.ts";
import { company } from "../../company.ts";
import { findTypingError, type AddressDoubt } from "../../inquiries/email-address.ts";
import {
  chosenKind,
  fields,
  hiddenFields,
  emptyForm,
  readForm,
  type AnswerError,
  type Submitted,
} from "../../inquiries/form.ts";
import { asPlainText } from "../../inquiries/answers.ts";
import { copyKey } from "../../inquiries/inquiry.ts";
import { deadlinesFrom } from "../../inquiries/handling.ts";
import { mailto } from "../../inquiries/mail/text.ts";
import { createSubmit, type Outcome } from "../../inquiries/submit.ts";
import { receiptHref, urls } from "../../urls.ts";
import { formBody, onlyMethods, sameOrigin } from "../refusals.ts";
import { parseQuery, type RouteContext } from "../routing.ts";
import { fixedPage, formAction, type Page } from "../pages.ts";

type Typed = typeof emptyForm & Pick<Submitted, "source">;

/**
 * The limit of a posted form. 20,000 characters of any script are at most 180,000 bytes once
 * percent-encoded.
 */
const bodyLimitBytes = 256 * 1024;

/**
 * A form as it is shown. `source` is the slug of the article that it is sent from, `deadline` the
 * time until which we promise a reply, if we do.
 */
type Form = Typed & {
  action: string;
  deadline: ReturnType<typeof dayAndTime> | undefined;
};

export function contactRoutes(app: Express, context: RouteContext): void {
  const { config, library, worker, clock, log } = context;
  const show = (response: Response, status: number, form: Form, notice: Notice) =>
    context.show(response, status, contactPage(form, notice), "back");
  const submit = createSubmit({ ...context, settings: config, nudge: worker.nudge });

  app
    .route(urls.contact)
    .get((request, response) => {
      const query = parseQuery(request);
      const answers = { kind: query.get("kind") ?? "" };
      const source = query.get(hiddenFields.source) ?? "";
      show(response, 200, complete(request, { ...emptyForm, answers, source }), { type: "open" });
    })
    .post(sameOrigin(config.siteUrl), formBody(bodyLimitBytes), receive)
    .all(onlyMethods("GET", "HEAD", "POST"));

  async function receive(request: Request, response: Response): Promise<void> {
    const submitted = readForm(request.body as Record<string, unknown>);
    const form = complete(request, submitted);
    if (form.errors.length > 0) {
      const errors = withTypingError(submitted);
      return show(response, 422, { ...form, errors }, { type: "errors" });
    }

    const details = { request: response.locals.requestId };
    let outcome: Outcome;
    try {
      outcome = await submit(submitted, form.source, request.ip ?? "");
    } catch (error) {
      log.error({ err: error, ...details }, "an inquiry could not be stored");
      const text = asPlainText(form.answers);
      const asMail = mailto(config.contactEmail, { subject: "Our project", body: text });
      response.set("Retry-After", "60");
      return show(response, 503, form, { type: "unsaved", asMail });
    }
    if (outcome.type === "question") {
      const { suggestion } = outcome.doubt;
      const asked = { ...form, errors: [aboutAddress(outcome.doubt)] };
      return show(response, 422, asked, { type: "question", suggestion });
    }
    if (outcome.type === "wait") {
      log.warn(details, "a network sent more inquiries than INQUIRIES_PER_10_MINUTES");
      response.set("Retry-After", String(outcome.seconds));
      const minutes = Math.ceil(outcome.seconds / 60);
      return show(response, 429, form, { type: "wait", minutes });
    }
    const { inquiry, isRepeated } = outcome;
    // The log has this for the first month in production, to learn whether anybody's client leaves
    // out both Origin and Sec-Fetch-Site. If nobody's does, posts without them could be
    // quarantined.
    const namesOrigin = Boolean(request.get("origin") ?? request.get("sec-fetch-site"));
    const about = { article: form.source, repeated: isRepeated, namesOrigin };
    log.info({ inquiry: inquiry.reference, ...about, ...details }, "an inquiry was stored");
    response.redirect(303, receiptHref(inquiry.reference, copyKey(inquiry)));
  }

  /**
   * Completes a typed form with what its page also shows. It keeps the article from which the form
   * was sent only if that article is public.
   */
  function complete(request: Request, typed: Typed): Form {
    const { promisedBy } = deadlinesFrom(clock(), config.replyWithinWorkingDays);
    return {
      ...typed,
      source: library.find(typed.source, clock()) ? typed.source : "",
      action: formAction(parseQuery(request)),
      deadline: promisedBy && dayAndTime(promisedBy, company.headOffice.timeZone),
    };
  }
}

const aboutAddress = ({ question }: AddressDoubt): AnswerError => ({
  field: "email",
  message: question,
  type: "question",
});

/**
 * Adds the question about a mistyped domain to the errors of other fields: asked after them, it
 * would be a second round. Whoever leaves it unanswered is asked again, and then about nothing
 * else.
 */
function withTypingError({ answers, errors, isAddressConfirmed }: Submitted): AnswerError[] {
  const typingError = isAddressConfirmed ? undefined : findTypingError(answers.email ?? "");
  const others = new Map(errors.map((error) => [error.field, error]));
  if (!typingError || others.has("email")) return errors;
  const addresses = [typingError.suggestion ?? "", answers.email ?? ""];
  const domains = addresses.map((address) => address.slice(address.lastIndexOf("@") + 1));
  others.set("email", {
    field: "email",
    message: `Choose the address that we reply to: ${domains.join(" or ")}`,
    type: "question",
    addresses,
  });
  return fields.flatMap(({ name }) => others.get(name) ?? []);
}

/** Says which of its cases views/pages/contact.ejs shows. */
type Notice =
  | { type: "open" }
  | { type: "errors" }
  /**
   * The page asks whether the address is right. `suggestion` is the one that was probably meant.
   */
  | { type: "question"; suggestion: string | undefined }
  | { type: "wait"; minutes: number }
  /** The store failed. `asMail` is a link to an email with the text. */
  | { type: "unsaved"; asMail: string };

/** Returns the page with an empty form. The search reads its words too. */
export const openForm = (): Page =>
  contactPage(
    { ...emptyForm, source: "", action: formAction(), deadline: undefined },
    { type: "open" },
  );

function contactPage(form: Form, notice: Notice): Page {
  const { view, title, description, path } = fixedPage(urls.contact);
  const { type } = notice;
  const { heading: kindHeading = title, mayBeDown } = chosenKind(form.answers);
  const heading = {
    open: kindHeading,
    errors: "Your message hasn’t been sent yet.",
    question: "Is your email address correct?",
    wait:
      notice.type === "wait" && notice.minutes > 60
        ? "Please send it later, or as an email."
        : "Please wait a few minutes.",
    unsaved: "We couldn’t save your message.",
  }[type];
  return {
    view,
    title: type === "errors" ? `Error: ${heading}` : heading,
    description,
    ...(type === "open" ? { path } : {}),
    section: path,
    data: {
      heading,
      /** The owner's heading asks for a project, so the sentence below it asks for outages too. */
      asksForProject: kindHeading === title,
      form,
      notice,
      isOpen: type === "open",
      mayBeDown,
    },
  };
}
