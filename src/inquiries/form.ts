// The project form as one table: a question is one row. The Zod schema, the HTML attributes, the staff mail, the digest, the exports, the
// key that detects duplicates, the plain-text fallback and the list on the privacy page are derived from the rows.

import { z } from "zod";
import { addressFault } from "./email-address.ts";

export type Field = {
  /** The key of the answer, in the posted form and in the store. */
  name: string;
  label: string;
  /** Used instead of a label that is a question, in mails, lists and exports. */
  shortLabel?: string;
  /** Names the answer in the privacy notice: "we store …". */
  storedAs: string;
  control: "text" | "email" | "radio" | "select" | "textarea";
  required: boolean;
  hint?: string;
  /** In UTF-16 units, as browsers count `maxlength`, with a line break as one. */
  maxLength?: number;
  autocomplete?: string;
  choices?: readonly { value: string; label: string }[];
  /** The error for a required answer that is missing. */
  missing?: string;
  /** Returns the error for an invalid answer, or undefined. Not called for a missing answer. */
  fault?: (answer: string) => string | undefined;
  /** Where a mail shows the answer: in its heading, in the line below it, as its text, or (by default) in a table of facts. */
  inMail?: "heading" | "summary" | "text";
};

/** In the order of the form and of the duplicate key. After a row is added, moved or removed, no duplicate of an earlier inquiry is recognised. */
export const fields: Field[] = [
  {
    name: "name",
    label: "Your name",
    shortLabel: "Name",
    storedAs: "your name",
    control: "text",
    required: true,
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
    required: true,
    hint: "We reply to this address and use it for nothing else.",
    maxLength: 254,
    autocomplete: "email",
    missing: "Enter your work email",
    fault: addressFault,
  },
  {
    name: "company",
    label: "Company",
    storedAs: "your company (if given)",
    control: "text",
    required: false,
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
    required: true,
    choices: [
      { value: "team", label: "Engineers to join our team" },
      { value: "project", label: "A short project with a clear end" },
      { value: "release", label: "Extra hands for a release" },
      { value: "support", label: "Long-term support for a system in production" },
      { value: "unsure", label: "Not sure yet" },
    ],
    missing: "Choose what would help most, or “Not sure yet”",
    inMail: "summary",
  },
  {
    name: "start",
    label: "When would you like to start?",
    shortLabel: "Start",
    storedAs: "when you would like to start",
    control: "select",
    required: false,
    choices: [
      { value: "open", label: "No date yet" },
      { value: "now", label: "As soon as possible" },
      { value: "month", label: "Within a month" },
      { value: "quarter", label: "In one to three months" },
      { value: "later", label: "Later than that" },
    ],
    inMail: "summary",
  },
  {
    name: "message",
    label: "Your project",
    shortLabel: "Project",
    storedAs: "your message",
    control: "textarea",
    required: true,
    hint: "What you have today, what should change, and what is already decided: language, cloud, deadline, rough budget. A few lines are enough.",
    maxLength: 20_000,
    missing: "Tell us about your project in a sentence or two",
    inMail: "text",
  },
];

/** Returns the choices of a field. Throws if it has none. */
export function choicesOf(name: string): NonNullable<Field["choices"]> {
  const choices = fields.find((field) => field.name === name)?.choices;
  if (!choices) throw new Error(`src/inquiries/form.ts has no choices for ${name}`);
  return choices;
}

/** The hidden field that people leave empty. A value in it is a weak sign of spam and never a reason to refuse. */
export const honeypotField = "leave_empty";

/** The hidden field with the doubtful email address. If the form is sent again with the same address, the address is confirmed. */
export const confirmField = "asked_about";

/** The field with the token of a live check, which no page contains. */
export const liveCheckField = "live_check";

/** Answers by field name. Choices are stored as their values. */
export type Answers = Record<string, string>;

/** `isMissing`: the field has no answer. Otherwise its answer is invalid. */
export type Problem = { field: string; message: string; isMissing: boolean };

type CheckedForm =
  | { ok: true; answers: Answers }
  /** `typed` is the normalised input, for showing the form again. */
  | { ok: false; typed: Answers; problems: Problem[] };

/** Checks a parsed form body. Unknown keys are ignored, and the first of repeated values is used. */
export function checkForm(body: Record<string, unknown>): CheckedForm {
  const typed: Answers = {};
  const answers: Answers = {};
  const problems: Problem[] = [];
  for (const field of fields) {
    const { name } = field;
    const text = (typed[name] = normalise(body[name], field));
    const { data, error } = schemas.getOrInsertComputed(field, schemaOf).safeParse(text);
    if (data !== undefined) answers[name] = data;
    else
      problems.push({
        field: name,
        message: error.issues[0]?.message ?? "",
        isMissing: isBlank(text),
      }); // the first of several
  }
  return problems.length > 0 ? { ok: false, typed, problems } : { ok: true, answers };
}

/** Building the schemas took a fifth of the time of a post. */
const schemas = new Map<Field, z.ZodType<string>>();

function schemaOf(field: Field): z.ZodType<string> {
  const { label, required, maxLength = Infinity, choices, missing = "", fault } = field;
  if (choices) {
    const values = choices.map(({ value }) => value);
    const choice = z.enum(values, missing);
    return required ? choice : choice.catch(values[0] ?? ""); // an unknown or missing optional choice becomes the first one
  }
  const text = z
    .string()
    .max(maxLength, { error: ({ input }) => tooLong(label, maxLength, (input as string).length) });
  const faultOf = (answer: unknown) =>
    isBlank(answer as string) ? undefined : fault?.(answer as string);
  const checked = text.refine((answer) => !faultOf(answer), {
    error: ({ input }) => faultOf(input),
  });
  return required ? checked.refine((answer) => !isBlank(answer), missing) : checked;
}

function tooLong(label: string, maxLength: number, length: number): string {
  const [limit, written, over] = [maxLength, length, length - maxLength].map((count) =>
    count.toLocaleString("en-GB"),
  );
  return `${label} must be ${limit} characters or fewer. You have written ${written}, which is ${over} too many.`;
}

/** Whether a text has no visible character. */
const isBlank = (text: string) => text.replace(/[\p{Cf}\s]/gu, "") === "";

// C0 and C1 controls except tab and line feed, lone surrogates, and bidi embeddings, overrides and isolates, which reorder text.
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

function normalise(value: unknown, { control }: Field): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const lines = typeof first === "string" ? first.replace(/\r\n?/g, "\n") : "";
  const text = control === "textarea" ? lines : lines.replace(/[\t\n]+/g, " ");
  return text.replace(unprintable, "").trim();
}
