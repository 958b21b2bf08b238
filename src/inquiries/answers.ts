// What is derived from stored answers: their readable form, and the key by which the same inquiry is recognised.

import { createHash } from "node:crypto";
import { fields, type Answers, type Field } from "./form.ts";

/**
 * Returns the answers that are not empty as people read them (choices by their labels), in the order of the form. An answer or a choice that
 * the form no longer has follows under its own key.
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

/** Returns the readable texts of the answers that belong to one place of a mail. */
export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/** Returns a key that is equal for two inquiries with the same answers, the address in any case. The page they were sent from is not part of it. */
export function contentKey(answers: Answers): string {
  const values = fields.map(({ name, control }) => (control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? "")));
  return createHash("sha256").update(JSON.stringify(values)).digest("hex");
}

/** Returns an address as it is looked up: people write their own in more than one case. */
export const emailKey = (email: string) => email.trim().toLowerCase();
