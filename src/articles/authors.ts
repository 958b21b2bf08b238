// Reads authors.yaml: who can be the author of an article, and what the author's page shows.

import { z } from "zod";
import type { ArticleError, Author } from "./article.ts";
import { slugPattern, text } from "./front-matter.ts";
import { group, readYaml } from "./yaml.ts";

const invalidUrl = "must be an https: or mailto: URL";

const url = z
  .url({ protocol: /^(https|mailto)$/, normalize: true, error: invalidUrl })
  .max(200, "must have 200 characters or fewer")
  .regex(/^(https:|mailto:[^@]+@[^@]+$)/, invalidUrl);

const author = group(
  {
    name: text(1, 60),
    role: text(1, 60).optional(),
    bio: text(1, 400).optional(),
    links: z
      .array(group({ label: text(1, 40), url }), {
        error: "must be a list like [{ label: GitHub, url: https://github.com/NAME }]",
      })
      .max(5, "must have 5 links or fewer")
      .default([]),
  },
  "name and, for a person, role",
);

const authorsSchema = z.record(
  z.string().regex(slugPattern, "must be lower case, digits and hyphens"),
  author,
);

/** Reads `authors.yaml` and returns the authors by key, with the errors in the file. */
export function parseAuthors(
  file: string,
  source: string,
): { authors: Map<string, Author>; errors: ArticleError[] } {
  const errors: ArticleError[] = [];
  const report = (line: number, message: string) => errors.push({ file, line, message });
  const read = readYaml(source, authorsSchema, report);
  const authors = new Map(
    Object.entries(read?.values ?? {}).map(([key, values]) => [key, { key, ...values }]),
  );
  return { authors, errors };
}
