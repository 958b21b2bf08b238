// What is derived from stored answers: their readable form, and the key by which the same inquiry is recognised.

import { createHash } from "node:crypto";
import { fields, type Answers, type Field } from "./form.ts";

/** An answer for people to read: choices by their labels. */
export type ReadableAnswer = { name: string; label: string; text: string; inMail: Field["inMail"] };

/**
 * The answers that are not empty, in the order of the form. An answer or a choice that the form no longer has follows under its own key.
 */
export function readableAnswers(answers: Answers): ReadableAnswer[] {
  const former = Object.keys(answers).filter((name) => !fields.some((field) => field.name === name));
  const rows: Pick<Field, "name" | "label" | "shortLabel" | "choices" | "inMail">[] = [
    ...fields,
    ...former.map((name) => ({ name, label: name })),
  ];
  return rows.flatMap(({ name, label, shortLabel = label, choices, inMail }) => {
    const answer = answers[name] ?? "";
    const text = choices?.find(({ value }) => value === answer)?.label ?? answer;
    return text === "" ? [] : { name, label: shortLabel, text, inMail };
  });
}

/** The readable texts of the answers that belong to one place of a mail. */
export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/** Two inquiries with the same key are the same: every answer is equal, and the address in any case. The page it was sent from is not part. */
export function contentKey(answers: Answers): string {
  const values = fields.map(({ name, control }) => (control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? "")));
  return createHash("sha256").update(JSON.stringify(values)).digest("hex");
}

/** An address as it is looked up: people write their own in more than one case. */
export const emailKey = (email: string) => email.trim().toLowerCase();
