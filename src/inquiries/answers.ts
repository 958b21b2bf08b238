// Puts the answers of an inquiry into words, for mails, exports and lists, and for the email that a
// visitor sends when the site can't store the form.

import { fields, type Answers, type Field } from "./form.ts";

type ReadableAnswer = Pick<Field, "label" | "inMail"> & { name: string; text: string };

/**
 * Returns the answers that are not empty in the order of the form, with the labels of choices.
 * Answers to removed questions follow, labelled with the name of the field.
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

export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/**
 * Some mail programs cut a link after 2,000 characters. The address, the subject and the sentence
 * at the end need 200 of them.
 */
const maxBodyOfLink = 1_800;

/**
 * Returns the answers as the body of a mailto link, and cuts them where its percent-encoding would
 * become too long.
 */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  let end = 0;
  let encoded = 0;
  for (const symbol of text) {
    // A Cyrillic letter becomes six characters.
    encoded += symbol === "\n" ? "%0D%0A".length : encodeURIComponent(symbol).length;
    if (encoded > maxBodyOfLink) return `${text.slice(0, end)}…\n\n(The rest is in the form.)`;
    end += symbol.length;
  }
  return text;
}
