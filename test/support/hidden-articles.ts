// Articles that are public, scheduled and drafts, with a word of their own in every place that has
// words: a test can look for it in every response.

import { articleFile, svg } from "./articles.ts";

export const instant = new Date("2026-12-01T09:00:00+01:00");
export const secondBefore = new Date(instant.getTime() - 1_000);

/** An article with `word` in every place that has words. */
const articleOf = (word: string, more: Record<string, string>) =>
  articleFile(
    {
      title: `The ${word}title`,
      description: `About the ${word}description, in as many words as the front matter has to give to search engines.`,
      author: `${word}author`,
      topics: `[Java, ${word}topic]`,
      aliases: `[/blog/${word}alias]`,
      updated: `{ date: 2026-12-02, change: The ${word}change }`,
      ...more,
    },
    `Queues and the ${word}body ![The ${word}alt](images/${word}image.svg).\n\n## The ${word}heading\n\nMore of it.\n\n\`\`\`java\nint ${word}code;\n\`\`\`\n`,
  );

/** An example with `word` in its file's name, content and sentence. */
const exampleOf = (word: string) => ({
  [`examples/${word}slug/README.md`]: `- [${word}file](${word}file): The ${word}sentence.\n`,
  [`examples/${word}slug/${word}file`]: `The ${word}program.\n`,
});

const author = (word: string) =>
  `${word}author:\n  name: The ${word}name\n  role: The ${word}role\n`;
export const publicFiles = {
  "authors.yaml": ["wombat", "quokka", "numbat"].map(author).join(""),
  "wombatslug.md": articleOf("wombat", {
    series: "{ name: Fieldwork, part: 1 }",
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
export const scheduledFiles = {
  "quokkaslug.md": articleOf("quokka", {
    series: "{ name: Fieldwork, part: 2 }",
    date: instant.toISOString(),
  }),
  ...exampleOf("quokka"),
  "images/quokkaimage.svg": svg(2),
};
export const draftFiles = {
  "numbatslug.md": articleOf("numbat", { series: "{ name: Fieldwork, part: 3 }", draft: "true" }),
  ...exampleOf("numbat"),
  "images/numbatimage.svg": svg(3),
};
export const everything = { ...publicFiles, ...scheduledFiles, ...draftFiles };
