// Derived from answers: their readable form, and the key that detects duplicates.

import { hash } from "node:crypto";
import { fields, type Answers, type Field } from "./form.ts";

/**
 * Returns the answers that are not empty, in the order of the form, with the labels of choices. Answers to questions that were removed from
 * the form follow under their own keys.
 */
export function readableAnswers(answers: Answers) {
  const names = new Set([...fields.map(({ name }) => name), ...Object.keys(answers)]);
  return [...names].flatMap((name) => {
    const field: Partial<Field> = fields.find((row) => row.name === name) ?? {};
    const { label = name, shortLabel = label, choices, inMail } = field;
    const answer = answers[name] ?? "";
    const text = choices?.find(({ value }) => value === answer)?.label ?? answer;
    return text === "" ? [] : { name, label: shortLabel, text, inMail };
  });
}

/** Returns the readable answers that belong to one place in a mail. */
export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/** Returns a key that is equal for the same answers. Ignores the case of the email address, and the page the form was sent from. */
export function contentKey(answers: Answers): string {
  const values = fields.map(({ name, control }) =>
    control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? ""),
  );
  return hash("sha256", JSON.stringify(values));
}

/** Returns an email address in the form used for look-ups: people type their own in more than one case. */
export const emailKey = (email: string) => email.trim().toLowerCase();
