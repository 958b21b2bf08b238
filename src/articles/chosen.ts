// The editors' choices beside the articles: which ones pages show first (chosen.yaml), and a
// sentence about the articles on a topic (topics.yaml).

import { z } from "zod";
import { group, slug, text } from "./article.ts";
import type { Report } from "./article-error.ts";
import { readYaml } from "./front-matter.ts";

const slugs = z.array(slug).default([]);

const chosenSchema = group({
  curves: group({ slug, files: z.array(z.string()) }).default({ slug: "", files: [] }),
  findings: slugs,
  plan: slug.default(""),
  start: z
    .array(group({ symptom: text(1, 40), slug, section: z.string().startsWith("#").optional() }))
    .default([]),
  briefs: z
    .record(slug, text(1, 200))
    .default({})
    // The briefs are a Map, because a visitor's browser names the slug.
    .transform((all) => new Map(Object.entries(all))),
  services: z.record(z.string(), slugs).default({}),
});
export type Chosen = z.output<typeof chosenSchema>;
export const nothingChosen: Chosen = chosenSchema.parse({});

/** Reads chosen.yaml. Reports the slugs of articles and the files that `isThere` does not find. */
export function parseChosen(
  source: string,
  report: Report,
  isThere: (name: string) => boolean,
): Chosen | undefined {
  const chosen = readYaml(source, chosenSchema, report)?.values;
  if (!chosen) return undefined;
  const { curves, findings, plan, start, briefs, services } = chosen;
  const named = [curves.slug, ...curves.files, ...findings, plan, ...start.map(({ slug }) => slug)];
  const all = [...named, ...briefs.keys(), ...Object.values(services).flat()].filter(Boolean);
  const lines = source.split("\n");
  for (const missing of new Set(all.filter((name) => !isThere(name))))
    report(lines.findIndex((line) => line.includes(missing)) + 1, `there is no ${missing}`);
  return chosen;
}

const topicsSchema = z.record(text(1, 40), text(1, 160));

export function parseTopics(source: string, report: Report): Map<string, string> | undefined {
  const sentences = readYaml(source, topicsSchema, report)?.values;
  return sentences && new Map(Object.entries(sentences));
}
