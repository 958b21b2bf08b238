// A filled-in project form, derived from the table of fields.

import { fields, hiddenFields, type Field, type FieldName } from "../../src/inquiries/form.ts";

type HiddenName = (typeof hiddenFields)[keyof typeof hiddenFields];

/** A test that changes the answer to a question that is gone does not compile. */
export type FormChanges = Partial<Record<FieldName | HiddenName, string>>;

/** Answers that tests name. Other questions get the answer of `answerTo`. */
const chosen: Partial<Record<FieldName, string>> = {
  name: "Priya Raman",
  company: "Fjord Freight",
  kind: "team",
  start: "month",
  confirmation: "",
  message:
    "We run order routing for 40 carriers on one Postgres instance.\n\nThe nightly import takes until breakfast.",
};

/** Returns a valid answer to a question, with a word of its own unless it is a choice. */
export function answerTo({ name, control, choices }: Field): string {
  if (control === "email") return "priya.raman@fjordfreight.example";
  return choices?.at(-1)?.value ?? `word-of-${name}`;
}

export const filledAnswers = Object.fromEntries(
  fields.map((field) => [field.name, chosen[field.name] ?? answerTo(field)]),
) as Record<FieldName, string>;

/** A form as a browser sends it. */
export const filledForm = { ...filledAnswers, [hiddenFields.trap]: "" };

/** Returns answers with one word in every text. Its email address is invalid unless changed. */
export const answersWith = (word: string): FormChanges =>
  Object.fromEntries(fields.map((field) => [field.name, field.choices ? answerTo(field) : word]));

/** Advertising: the form is quarantined because of its message. */
export const advertisement = { message: "Buy [url=http://advert.example]links[/url]" };
