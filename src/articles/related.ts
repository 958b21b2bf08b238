// What to read next, from the words that two articles share in their titles, descriptions and headings. The same articles give the same
// answer on every instance.

import type { Article } from "./article.ts";

/** Answers the slugs of the articles that are most like one, best first. Rare words weigh more than common ones; a topic counts as a word.
 * Equals stay in the order of `articles`. */
export function createRelatedness(articles: Article[]): (article: Article) => string[] {
  const articlesWith = new Map<string, number[]>();
  articles.forEach((article, index) => {
    for (const word of wordsOf(article)) {
      const having = articlesWith.get(word);
      if (having) having.push(index);
      else articlesWith.set(word, [index]);
    }
  });

  return (article) => {
    const scores = new Map<number, number>();
    for (const word of wordsOf(article)) {
      const having = articlesWith.get(word) ?? [];
      const weight = Math.log((articles.length + 1) / having.length);
      for (const index of having) scores.set(index, (scores.get(index) ?? 0) + weight);
    }
    const bestFirst = [...scores].sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || a - b);
    return bestFirst.flatMap(([index]) => articles[index]?.slug ?? []);
  };
}

function wordsOf({ title, description, topics, outline }: Article): Set<string> {
  const text = [title, description, ...outline.sections.map((section) => section.title)].join(" ").toLowerCase();
  const stems = (text.match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/(?:ing|ies|es|s|ed)$/, ""));
  return new Set([...stems, ...topics.map(({ slug }) => `topic:${slug}`)]);
}
