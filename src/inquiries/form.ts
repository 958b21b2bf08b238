// The project form is one table, in which each question is a row. The Zod schema below it, the HTML
// attributes, the mails, the exports, the key that detects duplicates and the list on the privacy
// page are derived from it. `readForm` reads what was posted.

import { z } from "zod";
import { emailAddress, emailKey, maxAddressLength } from "./email-address.ts";

type Choice = { value: string; label: string };

// `brief` says what the message should contain. `heading` is what the form asks for, if that is no
// project. With `mayBeDown` the system may be down now, so pages say what to save before a restart.
type Kind = Choice & { brief: string; heading?: string; mayBeDown?: boolean };

type Question = {
  /** The key of the answer, in the posted form and in the store. */
  name: string;
  label: string;
  /** The label in mails, lists and exports, if the form's label is a question. */
  shortLabel?: string;
  /** Names the answer in the privacy notice, after "We store what you typed". */
  storedAs: string;
  hint?: string;
  /** The limit in UTF-16 units, as browsers count `maxlength`, with a line break as one. */
  maxLength?: number;
  /**
   * A sentence about what the visitor can do with an answer that is too long. It ends the error.
   */
  ifTooLong?: string;
  autocomplete?: string;
  choices?: readonly Choice[];
  /** The error if there is no answer. A question without `missing` is optional. */
  missing?: string;
  /**
   * Where a mail shows the answer. One in the subject is also in the summary. Without `inMail` the
   * answer is in the list of facts.
   */
  inMail?: "heading" | "summary" | "subject" | "text" | "nowhere";
};

type Row = Question &
  (
    | { control: "text" | "textarea"; maxLength: number }
    | { control: "email"; maxLength: number; missing: string }
    | { control: "radio"; choices: readonly Choice[]; missing: string }
    /**
     * A select is optional. `noAnswer` is shown first and selected, and stored as an empty text.
     */
    | { control: "select"; choices: readonly Choice[]; noAnswer: string }
    /** A tick is a wish, and no answer about the project. Its choice is stored if it is ticked. */
    | { control: "checkbox"; choices: readonly [Choice] }
  );

const firstLines =
  "Send the first lines of a log or a dump, and reply to our email with the files.";

const unsure: Kind = {
  value: "unsure",
  label: "Not sure yet",
  brief:
    "What happens today, what should change, and what is already decided, such as language, cloud or deadline.",
  mayBeDown: true,
};

/**
 * The kinds of help, in the order of the form and of Services. Engineers for a team are first,
 * because we sell that.
 */
export const kinds: readonly Kind[] = [
  {
    value: "team",
    label: "Engineers to join our team",
    heading: "Tell us about your team",
    brief:
      "What you’re building and with what, how many engineers you have, who reviews and sets priorities, and your city.",
  },
  {
    value: "failing",
    label: "A system that is failing",
    heading: "Tell us what is failing",
    brief: `How often it fails, what was changed before the first time, what a restart does, and the language, database and cloud. ${firstLines}`,
    mayBeDown: true,
  },
  {
    value: "project",
    label: "A short project with a clear end",
    brief:
      "What happens today, what counts as finished, and what is already decided, such as language, cloud or deadline.",
  },
  {
    value: "release",
    label: "Extra hands for a release",
    heading: "Tell us about the release",
    brief: "The date, what has to be in it, and what you’ve put off.",
  },
  {
    value: "support",
    label: "Long-term support for a system in production",
    heading: "Tell us about the system",
    brief: "What it does, its language and database, who looks after it now, and when that ends.",
  },
  unsure,
];

export const maxMessageLength = 20_000;

const table = [
  {
    name: "name",
    label: "Your name",
    shortLabel: "Name",
    storedAs: "your name",
    control: "text",
    maxLength: 100,
    autocomplete: "name",
    missing: "Enter your name",
    inMail: "heading",
  },
  {
    name: "email",
    label: "Work email",
    shortLabel: "Email",
    storedAs: "your work email",
    control: "email",
    hint: "We reply to this address.",
    maxLength: maxAddressLength,
    autocomplete: "email",
    missing: "Enter your work email",
  },
  {
    name: "company",
    label: "Company",
    storedAs: "your company",
    control: "text",
    maxLength: 120,
    autocomplete: "organization",
    inMail: "heading",
  },
  {
    name: "kind",
    label: "What would help most?",
    shortLabel: "Kind of help",
    storedAs: "what kind of help you need",
    control: "radio",
    choices: kinds,
    missing: "Choose what would help most, or “Not sure yet”",
    inMail: "subject",
  },
  {
    name: "start",
    label: "When would you like to start?",
    shortLabel: "Start",
    storedAs: "when you would like to start",
    control: "select",
    noAnswer: "No date yet",
    choices: [
      { value: "now", label: "As soon as possible" },
      { value: "month", label: "Within a month" },
      { value: "quarter", label: "In one to three months" },
      { value: "later", label: "Later than that" },
    ],
    inMail: "summary",
  },
  {
    name: "message",
    label: "Your system or project",
    shortLabel: "Project",
    storedAs: "your message",
    control: "textarea",
    hint: "A few lines are enough. Please leave out passwords and other people’s data.",
    maxLength: maxMessageLength,
    // The contact page asks for two thread dumps. One of 260 threads had 88,118 characters.
    ifTooLong: firstLines,
    missing: "Tell us about your system or project in a sentence or two",
    inMail: "text",
  },
  {
    name: "confirmation",
    label: "Email me a confirmation",
    shortLabel: "Confirmation",
    storedAs: "whether you want a confirmation",
    control: "checkbox",
    choices: [{ value: "yes", label: "Yes, by email" }],
    inMail: "nowhere",
  },
] as const satisfies readonly Row[];

/** The names of the fields. Code that names one does not compile after its row was removed. */
export type FieldName = (typeof table)[number]["name"];

export type Field = Row & { name: FieldName };

/** The rows of the table, in the order of the form. */
export const fields: readonly Field[] = table;

/**
 * The rows that ask about the project. `contentKey` has their answers in this order: after one is
 * added, moved or removed, a duplicate of an earlier inquiry is stored again.
 */
export const questions = fields.filter(({ control }) => control !== "checkbox");

/**
 * Names an answer for the privacy notice: "your company (if given)" if the question may be left
 * unanswered. That is never said of a box, which is ticked or not.
 */
export const storedAnswer = ({ storedAs, missing, control }: Field): string =>
  missing || control === "checkbox" ? storedAs : `${storedAs} (if given)`;

export const chosenKind = ({ kind }: Answers): Kind =>
  kinds.find(({ value }) => value === kind) ?? unsure;

/**
 * Returns the hint of a field. The hint of the message begins with what the chosen kind of help
 * asks for.
 */
export const fieldHint = ({ name, hint = "" }: Field, answers: Answers): string =>
  name === "message" ? `${chosenKind(answers).brief} ${hint}` : hint;

/**
 * The names of the form's hidden fields. People leave `trap` empty, so a value in it is a weak sign
 * of spam. `asked` is the address that the sender was asked about, and `replyTo` the one that the
 * sender chose as the answer: without it nobody has confirmed anything. Doctor fills in
 * `liveCheck`, which is on no page. `source` is the slug of an article.
 */
export const hiddenFields = {
  trap: "leave_empty",
  asked: "asked_about",
  replyTo: "reply_to",
  liveCheck: "live_check",
  source: "from",
} as const;

const eachField = <T>(schemaOf: (field: Field) => T) =>
  Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)])) as Record<FieldName, T>;

/**
 * Reads a posted value as text: the first one if its name was sent twice, and "" if it is no text.
 */
const posted = z.preprocess((value) => [value].flat()[0], z.string().catch(""));

/**
 * Reads the answers as they were typed, without signs that nobody sees. It accepts any form, so
 * that no word is lost.
 */
const typedAnswers = z.object(
  eachField((field) => posted.transform((typed) => normalise(typed, field.control))),
);

const rules = z.object(eachField(buildRule));

/** The schema of the whole form. It is built once: building it for each post took 199 µs. */
export const formSchema = typedAnswers.pipe(rules);

/**
 * The answers by the names of their fields, where "" means no answer. Inquiries that were stored
 * before a question was added lack its name, and those stored before one was removed still have it.
 */
export type Answers = Partial<z.output<typeof formSchema>>;

function buildRule(field: Field): z.ZodType<string, string> {
  const { label, control, missing, ifTooLong = "", maxLength = Infinity } = field;
  const values = field.choices?.map(({ value }) => value) ?? [];
  if (control === "radio") return z.enum(values, field.missing);
  if (field.choices) return z.enum(["", ...values]).catch(""); // an unknown value is no answer
  let text = z.string();
  if (missing) text = text.min(1, { error: missing, abort: true });
  text = text.max(maxLength, {
    error: ({ input }) =>
      `${tooLong(label, maxLength, (input as string).length)} ${ifTooLong}`.trim(),
    abort: true,
  });
  return control === "email" ? text.pipe(emailAddress) : text;
}

function tooLong(label: string, maxLength: number, length: number): string {
  const written = (count: number) => count.toLocaleString("en-GB");
  return `${label} must be ${written(maxLength)} characters or fewer. You have written ${written(length)}, which is ${written(length - maxLength)} too many.`;
}

// Matches signs that no answer may have: C0 and C1 controls except tab and line feed, lone
// surrogates, and bidi embeddings, overrides and isolates, which reorder text.
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Cleans a typed text. It becomes "" if no character of it is visible. */
function normalise(typed: string, control: Field["control"]): string {
  const lines = typed.replace(/\r\n?|[\u2028\u2029]/g, "\n");
  const text = control === "textarea" ? lines : lines.replace(/[\t\n]+/g, " ");
  const clean = text.replace(unprintable, "").trim();
  return clean.replace(/[\p{Cf}\s]/gu, "") === "" ? "" : clean;
}

export type AnswerError = {
  field: FieldName;
  message: string;
  type: "wrong" | "question";
  /** The addresses to choose from, if the question about one is asked beside other errors. */
  addresses?: string[];
};

export type Submitted = {
  /** The answers as they were typed, also those that are wrong. */
  answers: Answers;
  /** A complete form has no errors, and `submit` may still ask about its address. */
  errors: AnswerError[];
  /** Whether the sender answered that the address is as it should be. */
  isAddressConfirmed: boolean;
  isTrapFilled: boolean;
  isLiveCheck: boolean;
  /** The slug of the article that the form was sent from, as the form says. */
  source: string;
};

export const emptyForm: Pick<Submitted, "answers" | "errors" | "isAddressConfirmed"> = {
  answers: {},
  errors: [],
  isAddressConfirmed: false,
};

/**
 * Reads a posted form, which may have any names and values. If the sender chose an address, it
 * replaces the one that the sender was asked about. If the sender typed another one instead, that
 * one counts, even if a choice or a button came with it, as it does when somebody presses Enter.
 */
export function readForm(body: Record<string, unknown>): Submitted {
  const hidden = (name: keyof typeof hiddenFields) => posted.parse(body[hiddenFields[name]]);
  const isTyped = (address: string) =>
    address !== "" && emailKey(address) === emailKey(posted.parse(body["email"]));
  const replyTo = hidden("replyTo");
  const isAddressConfirmed = isTyped(replyTo);
  const isReplaced = replyTo !== "" && !isAddressConfirmed && isTyped(hidden("asked"));
  const chosen = isReplaced ? { ...body, email: replyTo } : body;
  const { data, error } = formSchema.safeParse(chosen);
  const answers = data ?? typedAnswers.parse(chosen);
  const messages = error ? z.flattenError(error).fieldErrors : {};
  const errors = fields.flatMap(({ name }): AnswerError[] => {
    const message = messages[name]?.[0];
    return message ? [{ field: name, message, type: "wrong" }] : [];
  });
  return {
    answers,
    errors,
    isAddressConfirmed,
    isTrapFilled: hidden("trap") !== "",
    isLiveCheck: hidden("liveCheck") !== "",
    source: hidden("source"),
  };
}
