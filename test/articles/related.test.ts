// Tests how articles are ranked by similarity: the same articles give the same ranking on every instance.

import * as fc from "fast-check";
import type { Article } from "../../src/articles/article.ts";
import { parseAuthors } from "../../src/articles/authors.ts";
import { parseArticle } from "../../src/articles/front-matter.ts";
import { createMarkdown } from "../../src/articles/markdown.ts";
import { indexRelated } from "../../src/articles/related.ts";
import { articleFile } from "../support/articles.ts";

const markdown = createMarkdown();
const { authors } = parseAuthors("authors.yaml", "someone:\n  name: Some One\n");

function article(slug: string, front: Record<string, string>, body = ""): Article {
  const result = parseArticle(
    `${slug}.md`,
    slug,
    articleFile({ title: slug, ...front }, body),
    authors,
    markdown,
  );
  if ("errors" in result) throw new Error(JSON.stringify(result.errors));
  return result.article;
}

const articles = [
  article("queues", { title: "Waiting queues" }, "One.\n\n## Backpressure\n"),
  article("threads", { title: "Threads", topics: "[Java]" }),
  article("locks", { title: "Locks", topics: "[Java, Databases]" }, "One.\n\n## Contention\n"),
  article("backlog", { title: "A backlog is a queue" }, "One.\n\n## Backpressure first\n"),
  article("clients", { title: "Clients" }),
];
/** Ranks by slug; the article itself is in the result. */
function relatedness(among: Article[]) {
  const rank = indexRelated(among);
  return (article: Article) => rank(article).map(({ slug }) => slug);
}
const relatedTo = (slug: string, among = articles) =>
  relatedness(among)(among.find((one) => one.slug === slug) ?? article(slug, {})).filter(
    (other) => other !== slug,
  );

test("articles that share rare words rank before those that share common ones", () => {
  expect(relatedTo("queues")[0]).toBe("backlog");
  expect(relatedTo("backlog")[0]).toBe("queues");
});

test("a topic counts as a word", () => {
  expect(relatedTo("threads")[0]).toBe("locks");
  expect(relatedTo("locks")[0]).toBe("threads");
});

test("forms of a word are one word", () => {
  const among = [
    article("a", { title: "Retrying" }),
    article("b", { title: "Nothing" }),
    article("c", { title: "Retries" }),
    article("d", { title: "Deployed" }),
  ];
  expect(relatedTo("a", among.with(3, article("d", { title: "Retry" })))).toContain("d");
  expect(relatedTo("d", [...among, article("e", { title: "Deploying" })])[0]).toBe("e");
});

test("ties are ranked newest first, then by slug", () => {
  const among = ["d", "a", "b"].map((slug) => article(slug, { title: "Same" }));
  expect(relatedTo("b", [...among, article("c", { title: "Same", date: "2026-11-20" })])).toEqual([
    "c",
    "a",
    "d",
  ]);
});

test("headings count, and the rest of the text does not", () => {
  const among = [
    article("a", { title: "Alone" }, "Peculiar.\n\n## Remarkable\n"),
    article("b", { title: "Other" }, "Peculiar.\n"),
    article("c", { title: "Third" }, "One.\n\n## Remarkable\n"),
  ];
  expect(relatedTo("a", among)[0]).toBe("c");
});

test("an article that shares no word is not in the ranking", () => {
  const among = [article("a", {}), { ...article("b", {}), title: "Ωμέγα", description: "Ωμέγα" }];
  expect(relatedness(among)(among[1]!)).toEqual(["b"]);
  expect(relatedTo("a", among)).toEqual([]);
});

test("another instance ranks in the same way", () => {
  const first = relatedness(articles);
  const answers = articles.map(first);
  expect(articles.map(relatedness([...articles]))).toEqual(answers);
  expect(articles.toReversed().map(first)).toEqual(answers.toReversed());
});

test("any titles give a ranking that has no article twice", () => {
  const words = fc.array(
    fc.constantFrom("queue", "queues", "java", "constructor", "__proto__", "øl", "spring boot"),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), (titles) => {
      const [base] = articles;
      const among = titles.map((title, index) => ({
        ...base!,
        slug: `a-${index}`,
        title: title.join(" "),
      }));
      for (const one of among) {
        const order = relatedness(among)(one);
        expect(new Set(order).size).toBe(order.length);
        expect(order).toEqual(relatedness(among)(one));
      }
    }),
    { seed: 7, numRuns: 100 },
  );
});
