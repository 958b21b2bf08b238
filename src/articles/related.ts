// What to read next, from the words that two articles share in their titles, descriptions and headings. The same articles give the same
// answer on every instance.

import { newestFirst, type Article } from "./article.ts";

const perSlice = 50; // some 3 ms
const mostAnswered = 50; // more than are shown, since some may be hidden
const tooCommon = 500; // a word that so many articles have says little, and at 10,000 articles cost 20 ms a page

/** Compares articles by their words: rare words weigh more than common ones, and a topic counts as a word. */
export function createRelatedness() {
  let articles: Article[] = [];
  const having = new Map<string, Set<Article>>(); // by word
  const known = new Map<Article, Set<Article>[]>(); // the sets it is in
  const answers = new Map<Article, Article[]>(); // until something changes
  let work: Iterator<void> | undefined;

  function learn(article: Article): void {
    const sets = [...wordsOf(article)].map((word) => {
      const others = having.get(word) ?? new Set();
      having.set(word, others);
      return others.add(article);
    });
    known.set(article, sets);
  }

  function forget(article: Article): void {
    for (const others of known.get(article) ?? []) others.delete(article);
    known.delete(article);
  }

  /** Takes up what has changed since, in slices. */
  function* renew(): Iterator<void> {
    const wanted = new Set(articles);
    const changes = [...[...known.keys()].filter((one) => !wanted.has(one)), ...articles.filter((one) => !known.has(one))];
    for (const [index, article] of changes.entries()) {
      if (wanted.has(article)) learn(article);
      else forget(article);
      if (index % perSlice === perSlice - 1) yield;
    }
  }

  /** Does some of the work; answers whether there is more. */
  function step(): boolean {
    work ??= renew();
    return !work.next().done;
  }

  return {
    step,

    /** From now on these are compared, and all that changed among them. */
    update(all: Article[]): void {
      articles = all;
      answers.clear();
      work = undefined;
    },

    /** The 50 articles that are most like one, best first, equals newest first. */
    of(article: Article): Article[] {
      const known = answers.get(article);
      if (known) return known;
      while (step());
      const scores = new Map<Article, number>();
      for (const word of wordsOf(article)) {
        const others = having.get(word) ?? new Set();
        if (others.size > tooCommon) continue;
        const weight = Math.log((articles.length + 1) / others.size);
        for (const other of others) scores.set(other, (scores.get(other) ?? 0) + weight);
      }
      const bestFirst = [...scores].sort(([a, scoreA], [b, scoreB]) => scoreB - scoreA || newestFirst(a, b));
      const answer = bestFirst.slice(0, mostAnswered).map(([other]) => other);
      answers.set(article, answer);
      return answer;
    },
  };
}

function wordsOf({ title, description, topics, outline }: Article): Set<string> {
  const text = [title, description, ...outline.sections.map((section) => section.title)].join(" ").toLowerCase();
  const stems = (text.match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/(?:ing|ies|es|s|ed)$/, ""));
  return new Set([...stems, ...topics.map(({ slug }) => `topic:${slug}`)]);
}
