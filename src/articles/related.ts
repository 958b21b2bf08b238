// Finds the articles to read next by the words that two articles share in their titles, descriptions, topics and headings. The result
// depends only on the articles, so it is the same on every instance.

import { newestFirst, type Article } from "./article.ts";

const wordsByArticle = new WeakMap<Article, Set<string>>(); // so that after a save only the changed article is read again

/** Returns a function that ranks these articles by similarity to one: best first, equal scores newest first. */
export function indexRelated(articles: Article[]): (article: Article) => Article[] {
  const articlesByWord = new Map<string, Article[]>();
  for (const article of articles)
    for (const word of wordsOf(article)) articlesByWord.getOrInsert(word, []).push(article);
  return (article) => {
    const scores = new Map<Article, number>();
    for (const word of wordsOf(article)) {
      const others = articlesByWord.get(word) ?? [];
      const weight = Math.log((articles.length + 1) / others.length); // a rare word says more than a common one
      for (const other of others) scores.set(other, (scores.get(other) ?? 0) + weight);
    }
    return [...scores]
      .sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || newestFirst(a, b))
      .map(([other]) => other);
  };
}

const wordsOf = (article: Article) => wordsByArticle.getOrInsertComputed(article, readWords);

function readWords({ title, description, topics, body }: Article): Set<string> {
  const headings = body.match(/^##+ .*$/gm) ?? []; // not the outline: parsing 500 bodies would delay the first page by 0.3 s
  const text = [title, description, ...headings].join(" ").toLowerCase();
  const stems = (text.match(/\p{L}{4,}/gu) ?? []).map((word) =>
    word.replace(/(?:ing|ies|es|s|ed)$/, ""),
  );
  return new Set([...stems, ...topics.map(({ slug }) => `topic:${slug}`)]);
}
