// Derived from answers: their readable form, and the key that detects duplicates.

import { hash } from "node:crypto";
import { emailKey } from "./email-address.ts";
import { fields, type Answers, type Field } from "./form.ts";

type ReadableAnswer = {
  name: string;
  label: string;
  text: string;
  inMail?: Field["inMail"];
};

/**
 * Returns the answers that are not empty, in the order of the form, with the labels of choices.
 * Answers to questions that the form no longer has come last, labelled with the name of the field.
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

/**
 * Returns a key that is equal for the same answers. Ignores the spelling of the email address, and
 * the page the form was sent from.
 */
export function contentKey(answers: Answers): string {
  const values = fields.map(({ name, control }) =>
    control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? ""),
  );
  return hash("sha256", JSON.stringify(values));
}
