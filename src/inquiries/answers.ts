// The answers of an inquiry in words: for mails, exports, lists, and the mail that a visitor sends
// instead.

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
 * Some mail programs cut a link after 2,000 characters, of which subject, address and end need 200.
 */
const maxBodyOfLink = 1_800;

/** The answers as the body of a mailto link, cut where its percent-encoding would be too long. */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  let end = 0;
  let encoded = 0;
  for (const symbol of text) {
    encoded += symbol === "\n" ? "%0D%0A".length : encodeURIComponent(symbol).length; // a Cyrillic letter: 6
    if (encoded > maxBodyOfLink) return `${text.slice(0, end)}…\n\n(The rest is in the form.)`;
    end += symbol.length;
  }
  return text;
}
