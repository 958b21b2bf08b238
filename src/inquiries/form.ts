// The project form as one table: a question is one row. The checks, the HTML attributes, the mails,
// the exports, the key that detects duplicates and the list on the privacy page are derived from
// it. Below it, a posted form is read, and answers are put into words.

import { addressFault, emailKey, maxAddressLength } from "./email-address.ts";

type Choice = { value: string; label: string };

/**
 * A kind of help. `brief` is what the message should say; `mayBeDown`: the system may be down now, so
 * pages say what to save before a restart.
 */
type Kind = Choice & { brief: string; mayBeDown?: boolean };

type Question = {
  /** The key of the answer, in the posted form and in the store. */
  name: string;
  label: string;
  /** Used instead of a label that is a question, in mails, lists and exports. */
  shortLabel?: string;
  /** Names the answer in the privacy notice: "we store …". */
  storedAs: string;
  hint?: string;
  /** In UTF-16 units, as browsers count `maxlength`, with a line break as one. */
  maxLength?: number;
  autocomplete?: string;
  choices?: readonly Choice[];
  /** The message if there is no answer. A question without it is optional. */
  missing?: string;
  /** Returns what is wrong with an answer, or undefined. Not called for a missing answer. */
  fault?: (answer: string) => string | undefined;
  /** Where a mail shows the answer; "subject": also in its summary. Default: in a list of facts. */
  inMail?: "heading" | "summary" | "subject" | "text";
};

type Row = Question &
  (
    | { control: "text" | "email" | "textarea"; maxLength: number }
    | { control: "radio"; choices: readonly Choice[]; missing: string }
    /** Optional. `noAnswer` is shown first and selected, and is stored as an empty text. */
    | { control: "select"; choices: readonly Choice[]; noAnswer: string }
  );

const unsure: Kind = {
  value: "unsure",
  label: "Not sure yet",
  brief:
    "What happens today, what should change, and what is already decided, such as language, cloud or deadline.",
  mayBeDown: true,
};

const kinds: readonly Kind[] = [
  {
    value: "failing",
    label: "A system that is failing",
    brief:
      "How often it fails, what was changed before the first time, what a restart does, and the language, database and cloud.",
    mayBeDown: true,
  },
  {
    value: "team",
    label: "Engineers to join our team",
    brief:
      "What you’re building and with what, how many engineers you have, who reviews and sets priorities, and your city.",
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
    brief: "The date, what has to be in it, and what you’ve put off.",
  },
  {
    value: "support",
    label: "Long-term support for a system in production",
    brief: "What it does, its language and database, who looks after it now, and when that ends.",
  },
  unsure,
];

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
    hint: "We check its domain, reply to it, and use it for nothing else.",
    maxLength: maxAddressLength,
    autocomplete: "email",
    missing: "Enter your work email",
    fault: addressFault,
  },
  {
    name: "company",
    label: "Company",
    storedAs: "your company (if given)",
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
    maxLength: 20_000,
    missing: "Tell us about your system or project in a sentence or two",
    inMail: "text",
  },
] as const satisfies readonly Row[];

/** Code that names a question does not compile after its row was removed. */
export type FieldName = (typeof table)[number]["name"];

export type Field = Row & { name: FieldName };

/**
 * The rows in the order of the form. `contentKey` has the answers in this order: after a row is
 * added, moved or removed, a duplicate of an earlier inquiry is stored again.
 */
export const fields: readonly Field[] = table;

/** Returns the kind of help that was chosen, or "Not sure yet". */
export const kindOf = ({ kind }: Answers): Kind =>
  kinds.find(({ value }) => value === kind) ?? unsure;

/** Returns the hint of a field: that of the message begins with what belongs to the kind of help. */
export const hintOf = ({ name, hint = "" }: Field, answers: Answers): string =>
  name === "message" ? `${kindOf(answers).brief} ${hint}` : hint;

/** Returns the choices of a field. Throws if it has none. */
export function choicesOf(name: FieldName): readonly Choice[] {
  const choices = fields.find((field) => field.name === name)?.choices;
  if (!choices) throw new Error(`src/inquiries/form.ts has no choices for ${name}`);
  return choices;
}

/**
 * Maps the name of a field to its answer: the text, or the value of a choice. "" means no answer.
 * Inquiries stored before a question was added lack its name, and those stored before one was
 * removed still have it.
 */
export type Answers = Partial<Record<FieldName, string>>;

/**
 * The fields of the form that people do not see. `trap`: people leave it empty, so a value is a
 * weak sign of spam. `confirmed`: the email address that the sender was asked about; if the form
 * has the same address, the sender has confirmed it. `liveCheck`: filled in by the live check of
 * doctor, and on no page. `source`: the slug of an article.
 */
export const hiddenFields = {
  trap: "leave_empty",
  confirmed: "asked_about",
  liveCheck: "live_check",
  source: "from",
} as const;

/**
 * `question`: it is shown like a fault, but the sender confirms the address by sending it again.
 */
export type AnswerProblem = {
  field: FieldName;
  message: string;
  kind: "missing" | "fault" | "question";
};

/** A posted form. The answers are normalised, also those with a problem. */
export type Submitted = {
  answers: Answers;
  /** Empty if the form is complete. `submit` then asks about its address, if necessary. */
  problems: AnswerProblem[];
  isConfirmed: boolean;
  isTrapFilled: boolean;
  isLiveCheck: boolean;
};

/** A form that nobody has filled in. */
export const emptyForm: Pick<Submitted, "answers" | "problems" | "isConfirmed"> = {
  answers: {},
  problems: [],
  isConfirmed: false,
};

/** Reads a parsed form body. Unknown keys are ignored. */
export function readForm(body: Partial<Record<string, string>>): Submitted {
  const valueOf = (name: string) => body[name] ?? "";
  const answers: Answers = {};
  const problems: AnswerProblem[] = [];
  let isConfirmed = false;
  for (const field of fields) {
    const text = normalise(valueOf(field.name), field);
    answers[field.name] = text;
    const found = problemOf(field, text);
    if (found) problems.push(found);
    else if (field.control === "email")
      isConfirmed = emailKey(text) === emailKey(valueOf(hiddenFields.confirmed));
  }
  return {
    answers,
    problems,
    isConfirmed,
    isTrapFilled: valueOf(hiddenFields.trap) !== "",
    isLiveCheck: valueOf(hiddenFields.liveCheck) !== "",
  };
}

function problemOf(field: Field, text: string): AnswerProblem | undefined {
  const { name, missing } = field;
  if (text === "") return missing ? { field: name, message: missing, kind: "missing" } : undefined;
  const message = faultOf(field, text);
  return message ? { field: name, message, kind: "fault" } : undefined;
}

function faultOf(field: Field, text: string): string | undefined {
  const { label, control, choices, missing, maxLength = Infinity, fault } = field;
  if (control === "radio" && !choices.some(({ value }) => value === text)) return missing;
  if (text.length > maxLength) return tooLong(label, maxLength, text.length);
  return fault?.(text);
}

function tooLong(label: string, maxLength: number, length: number): string {
  const [limit, written, over] = [maxLength, length, length - maxLength].map((count) =>
    count.toLocaleString("en-GB"),
  );
  return `${label} must be ${limit} characters or fewer. You have written ${written}, which is ${over} too many.`;
}

// C0 and C1 controls except tab and line feed, lone surrogates, and bidi embeddings, overrides and
// isolates, which reorder text.
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Returns an answer without invisible characters. One without visible characters is "". */
function normalise(typed: string, field: Field): string {
  const lines = typed.replace(/\r\n?|[\u2028\u2029]/g, "\n");
  const text = field.control === "textarea" ? lines : lines.replace(/[\t\n]+/g, " ");
  const clean = text.replace(unprintable, "").trim();
  if (field.control === "select" && !field.choices.some(({ value }) => value === clean)) return "";
  return clean.replace(/[\p{Cf}\s]/gu, "") === "" ? "" : clean;
}

type ReadableAnswer = Pick<Field, "label" | "inMail"> & { name: string; text: string };

/**
 * Returns the answers that are not empty, in the order of the form, with the labels of choices.
 * After them come answers to removed questions, labelled with the name of the field.
 */
export function readableAnswers(answers: Answers): ReadableAnswer[] {
  const given = new Map(Object.entries(answers));
  const asked = fields.map((field) => {
    const answer = given.get(field.name) ?? "";
    given.delete(field.name);
    const text = field.choices?.find(({ value }) => value === answer)?.label ?? answer;
    return { ...field, label: field.shortLabel ?? field.label, text };
  });
  const former = Array.from(given, ([name, text]) => ({ name, label: name, text }));
  return [...asked, ...former].filter(({ text }) => text !== "");
}

/** Returns the readable answers that belong to one place in a mail. */
export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/** Returns the answers for a mailto link, which some mail programs cut after 2,000 characters. */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  const max = 1_700; // leaves room for the subject and the address
  return text.length > max ? `${text.slice(0, max)}…\n\n(The rest is in the form.)` : text;
}
