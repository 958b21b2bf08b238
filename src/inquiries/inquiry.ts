// The project form: one table of fields, from which the checks here and the HTML attributes in views/partials/form.ejs are made.

import { z } from "zod";
import { isEmailAddress } from "./email-address.ts";

/** A question of the form. Lengths are in UTF-16 units, as browsers count `maxlength`, after line ends are one character. */
export type Field = {
  name: "name" | "email" | "company" | "kind" | "start" | "message";
  label: string;
  control: "text" | "email" | "radio" | "select" | "textarea";
  required: boolean;
  hint?: string;
  maxLength?: number;
  autocomplete?: string;
  choices?: readonly { value: string; label: string }[];
  /** What is said where an answer is missing. */
  missing?: string;
  /** What is said where an answer cannot be right; without it, the same. */
  malformed?: string;
};

export const fields: readonly Field[] = [
  {
    name: "name",
    label: "Your name",
    control: "text",
    required: true,
    maxLength: 100,
    autocomplete: "name",
    missing: "Enter your name",
  },
  {
    name: "email",
    label: "Work email",
    control: "email",
    required: true,
    hint: "We reply to this address and use it for nothing else.",
    maxLength: 254,
    autocomplete: "email",
    missing: "Enter your work email",
    malformed: "Enter your work email with an @ sign, like name@company.com",
  },
  {
    name: "company",
    label: "Company",
    control: "text",
    required: false,
    maxLength: 120,
    autocomplete: "organization",
  },
  {
    name: "kind",
    label: "What would help most?",
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
  },
  {
    name: "start",
    label: "When would you like to start?",
    control: "select",
    required: false,
    choices: [
      { value: "open", label: "No date yet" },
      { value: "now", label: "As soon as possible" },
      { value: "month", label: "Within a month" },
      { value: "quarter", label: "In one to three months" },
      { value: "later", label: "Later than that" },
    ],
  },
  {
    name: "message",
    label: "Your project",
    control: "textarea",
    required: true,
    hint: "What you have today, what should be different, and anything already fixed: language, cloud, deadline, rough budget. A few lines are enough.",
    maxLength: 5_000,
    missing: "Tell us about your project in a sentence or two",
  },
];

/** A field no form filler knows; a hit is one weak signal, never a refusal. */
export const trapName = "leave_empty";

/** What a visitor sent, checked. `kind` and `start` hold values of the table above. */
export type Inquiry = Record<Field["name"], string>;

export type Problem = { field: Field["name"]; message: string };

export type CheckedForm =
  | { ok: true; inquiry: Inquiry }
  /** `words` is what was typed, for showing the form again. */
  | { ok: false; words: Inquiry; problems: Problem[] };

/** Checks a posted form. Takes whatever the body parser made of it; unknown keys are ignored, a repeated key counts once. */
export function checkForm(body: Record<string, unknown>): CheckedForm {
  const words = Object.fromEntries(fields.map((field) => [field.name, normalise(body[field.name], field)])) as Inquiry;
  const result = formSchema.safeParse(words);
  if (result.success) return { ok: true, inquiry: words };
  const problems = result.error.issues.map(({ path, message }) => ({ field: path[0] as Field["name"], message }));
  return { ok: false, words, problems };
}

/** The label of a choice, for people to read. */
export function choiceLabel(name: "kind" | "start", value: string): string {
  const choices = fields.find((field) => field.name === name)?.choices ?? [];
  return choices.find((choice) => choice.value === value)?.label ?? value;
}

const formSchema = z.object(
  Object.fromEntries(
    fields.map((field) => [
      field.name,
      z.string().superRefine((text, context) => {
        const message = problemWith(text, field);
        if (message) context.addIssue({ code: "custom", message });
      }),
    ]),
  ),
);

function problemWith(text: string, field: Field): string | undefined {
  const { label, required, maxLength = Infinity, choices, control, missing, malformed = missing } = field;
  const nothing = text.replace(/[\p{Cf}\s]/gu, "") === ""; // invisible characters are no answer
  if (nothing) return required ? missing : undefined;
  if (text.length > maxLength) {
    const [most, written] = [maxLength, text.length].map((length) => length.toLocaleString("en-GB"));
    return `${label} must be ${most} characters or fewer. You have written ${written}.`;
  }
  const fits = control === "email" ? isEmailAddress(text) : !choices || choices.some(({ value }) => value === text);
  return fits ? undefined : malformed;
}

// C0 and C1 controls but tab and line feed, lone surrogates, and the marks that reorder text (bidi embeddings, overrides, isolates).
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

function normalise(typed: unknown, { control, choices }: Field): string {
  const first: unknown = Array.isArray(typed) ? typed[0] : typed;
  const lines = typeof first === "string" ? first.replace(/\r\n?/g, "\n") : "";
  const oneLine = control === "textarea" ? lines : lines.replace(/[\t\n]+/g, " ");
  const clean = oneLine.replace(unprintable, "").trim();
  const unknown = control === "select" && !choices?.some(({ value }) => value === clean);
  return unknown ? (choices?.[0]?.value ?? "") : clean; // an unknown start means "No date yet"
}
