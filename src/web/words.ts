// What a page says in rows, such as the kinds of help on Services, is YAML beside its view. This file
// reads it once, when the site starts, and says which keys each file has.

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

/** Sentences. Their Markdown, [links](/contact) and **bold** words, is HTML for the view. */
const sentences = text(1, 800).transform((markdown) => ({ html: renderSentence(markdown) }));

/** The order of the file is the order on the page. */
const rowsOf = <Row extends z.ZodType>(row: Row) => z.record(label, row);

const help = group({
  /** The text of the link to the form. */
  ask: label,
  /** Otherwise the choice of the form. */
  heading: label.optional(),
  /** What a visitor would say. */
  says: label.optional(),
  what: sentences,
  rows: rowsOf(sentences).default({}),
});

const services = group({
  kinds: group(
    Object.fromEntries(kinds.map(({ value }) => [value, help])) as Record<string, typeof help>,
  ),
  plan: rowsOf(z.array(sentences)),
  /** Time zones by city. */
  cities: rowsOf(label),
});

const howWeWork = group({
  days: rowsOf(group({ title: label, number: label, unit: label, we: sentences, you: sentences })),
});

const howBuilt = group({
  /** What was counted in the test of crashes. */
  crashes: rowsOf(z.int({ error: "must be a whole number" })),
  /** By the word that ends the id of the heading. */
  mistakes: rowsOf(group({ title: label, what: sentences, ask: sentences })),
});

const pitch = group({ points: rowsOf(sentences) });

const planSheet = group({
  title: label,
  verdict: sentences,
  summary: z.array(sentences),
  /** By their numbers in the plan. */
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

/** Throws an OperatorError that has the file and the line of each wrong or missing key. */
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
