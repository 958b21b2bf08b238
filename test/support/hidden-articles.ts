// Articles that are public, scheduled and drafts, with a word of their own in every place that has
// words: a test can look for it in every response.

import type { FrontMatter } from "../../src/articles/article.ts";
import { articleFile, svg } from "./articles.ts";

export const instant = new Date("2026-12-01T09:00:00+01:00");
export const secondBefore = new Date(instant.getTime() - 1_000);

/** The type requires every key that the front matter may have. */
type Front = Record<keyof FrontMatter, string>;

/** An article with `word` in every place that has words, in part `part` of one series. */
function articleOf(word: string, part: number, more: Partial<Front>) {
  const front: Front = {
    title: `The ${word}title`,
    description: `About the ${word}description, in as many words as the front matter has to give to search engines.`,
    author: `${word}author`,
    date: "2026-11-01",
    updated: `{ date: 2026-12-02, change: The ${word}change }`,
    topics: `[Java, ${word}topic]`,
    series: `{ name: Fieldwork, part: ${part} }`,
    finding: `{ symptom: The ${word}symptom, number: "7 ${word}s", unit: ${word}unit, source: "${word}file:1" }`,
    related: "[quokkaslug, numbatslug]",
    aliases: `[/blog/${word}alias]`,
    draft: "false",
    ...more,
  };
  return articleFile(
    front,
    `Queues and the ${word}body ![The ${word}alt](images/${word}image.svg).\n\n## The ${word}heading\n\nMore of it.\n\n\`\`\`java\nint ${word}code;\n\`\`\`\n`,
  );
}

/** An example with `word` in its file's name, content and sentence. */
const exampleOf = (word: string) => ({
  [`examples/${word}slug/README.md`]: `- [${word}file](${word}file): The ${word}sentence.\n`,
  [`examples/${word}slug/${word}file`]: `The ${word}program.\n`,
});

const author = (word: string) =>
  `${word}author:\n  name: The ${word}name\n  role: The ${word}role\n  bio: The ${word}bio\n`;
export const publicFiles = {
  "authors.yaml": ["wombat", "quokka", "numbat"].map(author).join(""),
  "wombatslug.md": articleOf("wombat", 1, {
    date: "2026-11-20",
    updated: "{ date: 2026-11-22, change: A word }",
  }),
  ...exampleOf("wombat"),
  "images/wombatimage.svg": svg(1),
  "plain.md": articleFile({
    title: "Marsupials and queues",
    author: "wombatauthor",
    topics: "[Java]",
    date: "2026-11-21",
  }),
};
const scheduledFiles = {
  "quokkaslug.md": articleOf("quokka", 2, { date: instant.toISOString() }),
  ...exampleOf("quokka"),
  "images/quokkaimage.svg": svg(2),
};
const draftFiles = {
  "numbatslug.md": articleOf("numbat", 3, { draft: "true" }),
  ...exampleOf("numbat"),
  "images/numbatimage.svg": svg(3),
};
export const everything = { ...publicFiles, ...scheduledFiles, ...draftFiles };
