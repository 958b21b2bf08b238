// What a page says in rows, such as the kinds of help on Services, is YAML beside its view. This
// file reads it once, when the site starts, and says which keys each file has.

import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { formatError, reportInto, type ArticleError } from "../articles/article-error.ts";
import { group, text } from "../articles/article.ts";
import { renderSentence } from "../articles/body-html.ts";
import { readYaml } from "../articles/front-matter.ts";
import { kinds } from "../inquiries/form.ts";
import { OperatorError } from "../operator-error.ts";
import { viewsDir } from "../views.ts";

/** A heading, a label or a link text. It is shown as it is written. */
const label = text(1, 80);

/** Sentences, whose Markdown, [links](/contact) and **bold** words, becomes HTML for the view. */
const sentences = text(1, 800).transform((markdown) => ({ html: renderSentence(markdown) }));

/** Rows, each with a name of its own. They stand on the page in the order of the file. */
const rowsOf = <Row extends z.ZodType>(row: Row) => z.record(label, row);

const help = group({
  /** The text of the link to the form. */
  ask: label,
  /** The heading, if it isn't the words of the choice in the form. */
  heading: label.optional(),
  /** The sentence by which a visitor recognises that this is the help to ask for. */
  says: label.optional(),
  what: sentences,
  rows: rowsOf(sentences).default({}),
});

const services = group({
  kinds: group(
    Object.fromEntries(kinds.map(({ value }) => [value, help])) as Record<string, typeof help>,
  ),
  plan: rowsOf(z.array(sentences)),
  /** The time zone of each city. */
  cities: rowsOf(label),
});

const howWeWork = group({
  days: rowsOf(group({ title: label, evening: sentences, we: sentences, you: sentences })),
});

const howBuilt = group({
  /** What the test of crashes counted. */
  crashes: rowsOf(z.int({ error: "must be a whole number" })),
  /** The mistakes, each by the word with which the id of its heading ends. */
  mistakes: rowsOf(group({ title: label, what: sentences, ask: sentences })),
});

const pitch = group({ points: rowsOf(sentences) });

const planSheet = group({
  title: label,
  verdict: sentences,
  summary: z.array(sentences),
  /** The sections of the plan that are shown, by their numbers in it. */
  sections: rowsOf(
    group({
      title: label,
      text: sentences.optional(),
      steps: z.array(sentences).optional(),
      until: rowsOf(sentences).optional(),
      questions: z.array(sentences).optional(),
    }),
  ),
});

/**
 * Reads the words of all pages. Throws an OperatorError with the file and line of each wrong or
 * missing key.
 */
export function loadWords(dir = viewsDir) {
  const read = <Values extends object>(name: string, schema: z.ZodType<Values>): Values => {
    const errors: ArticleError[] = [];
    const source = readFileSync(path.join(dir, name), "utf8");
    const values = readYaml(source, schema, reportInto(errors, path.join("views", name)))?.values;
    if (!values) throw new OperatorError(errors.map(formatError).join("\n"));
    return values;
  };
  return {
    services: read("pages/services.yaml", services),
    howWeWork: read("pages/how-we-work.yaml", howWeWork),
    howBuilt: read("pages/how-this-site-is-built.yaml", howBuilt),
    pitch: read("partials/pitch.yaml", pitch),
    planSheet: read("partials/plan-sheet.yaml", planSheet),
  };
}
