// Lists of articles: all of them, those of a topic or an author, and search results.

import type { Express } from "express";
import type { Article, Author, Topic } from "../../articles/article.ts";
import type { Chosen } from "../../articles/chosen.ts";
import { company } from "../../company.ts";
import { authorHref, href, urls } from "../../urls.ts";
import { addGetRoute, parseQuery, type RouteContext } from "../routing.ts";
import { fixedPage, fixedPages, type Page } from "../pages.ts";
import { createPageSearch } from "../page-search.ts";
import { openForm } from "./contact.ts";

const perPage = 20;
const maxHits = 20;
const maxFeatured = 3;

type List = Required<Pick<Page, "title" | "description" | "path">> &
  Pick<Page, "alternates"> & {
    heading: string;
    articles: Article[];
    author?: Author;
  };

export function listRoutes(app: Express, context: RouteContext): void {
  const { show, library, clock } = context;
  const searchPages = createPageSearch(searchedPages(), context.contentOf, library.version);

  addListRoute(urls.articles, () => {
    const { title, description, path } = fixedPage(urls.articles);
    return { title, heading: title, description, path, articles: library.list(clock()) };
  });

  addListRoute(urls.topic, ({ topic: slug = "" }) => {
    const topic = library.topic(slug, clock());
    if (!topic) return undefined;
    const { name, articles } = topic;
    const feed = { type: "application/atom+xml", href: href("topicFeed", { topic: slug }) };
    return {
      title: `${name} articles`,
      heading: name,
      description: `Articles on ${name} by the backend engineers of ${company.name} in ${company.offices.map(({ city }) => city).join(" and ")}.`,
      path: href("topic", { topic: slug }),
      alternates: [{ ...feed, title: `Articles on ${name}` }],
      articles,
    };
  });

  addListRoute(urls.author, ({ author: key = "" }) => {
    const articles = library.list(clock()).filter(({ author }) => author.key === key);
    const author = articles[0]?.author;
    const path = author && authorHref(author);
    if (!path) return undefined;
    const { name } = author;
    return {
      title: `Articles by ${name}`,
      heading: name,
      description: `Articles on backend work by ${name}, an engineer at ${company.name}.`,
      path,
      author,
      articles,
    };
  });

  addGetRoute(app, urls.search, async (request, response) => {
    const asked = parseQuery(request).get("q") ?? "";
    const query = asked
      .replace(/\p{Cc}+/gu, " ")
      .trim()
      .slice(0, 200);
    const hits = await library.search(query, clock(), { max: maxHits });
    const title = query ? `Search: ${query.slice(0, 40)}` : "Search";
    const pages = searchPages(query, hits[0]?.isExact ?? false);
    const data = { query, hits, pages };
    show(response, 200, { view: "pages/search", title, section: urls.articles, data }, "back");
  });

  function addListRoute(
    route: string,
    find: (params: Record<string, string>) => List | undefined,
  ): void {
    addGetRoute(app, route, (request, response, next) => {
      const list = find(request.params);
      const asked = parseQuery(request).get("page") ?? "1";
      const page = list && /^[1-9]\d*$/.test(asked) && listPage(list, Number(asked));
      return page ? show(response, 200, page, 300) : next("route");
    });
  }

  function listPage(list: List, number: number): Page | undefined {
    const { path, articles, author } = list;
    const isAll = path === urls.articles;
    const featured = isAll ? [] : pickFeatured(articles, library.chosen());
    const remaining = articles.filter((article) => !featured.includes(article));
    const pages = Math.max(1, Math.ceil(remaining.length / perPage));
    if (number > pages) return undefined;
    const pageHref = (page: number) => (page === 1 ? path : `${path}?page=${page}`);
    const data = {
      ...list,
      related: isAll ? [] : collectTopics(articles).filter(({ name }) => name !== list.heading),
      author,
      sentence: library.topicSentence(list.heading),
      featured: number === 1 ? featured : [],
      number,
      pages,
      pageHref,
      count: articles.length,
      remaining: remaining.length,
      articles: remaining.slice((number - 1) * perPage, number * perPage),
    };
    const title = number === 1 ? list.title : `${list.title}, page ${number}`;
    const about = { ...list, title, path: pageHref(number), section: urls.articles };
    return { ...about, view: "pages/articles", data };
  }
}

/**
 * Returns the fixed pages that the search reads: all but the list of articles, whose words are
 * those of articles, which have their own search.
 */
const searchedPages = () =>
  fixedPages
    .filter(({ path }) => path !== urls.articles)
    .map((page) => (page.path === urls.contact ? { ...page, data: openForm().data } : page));

/**
 * Picks the articles above the list: those of the home page, then the newest that measured
 * something. It picks none if that would be the whole list.
 */
function pickFeatured(articles: Article[], { curves, findings }: Chosen): Article[] {
  const measured = articles.filter(({ finding }) => finding?.number);
  const slugs = [curves.slug, ...findings];
  const first = slugs.flatMap((slug) => measured.find((one) => one.slug === slug) ?? []);
  const featured = [...new Set([...first, ...measured])].slice(0, maxFeatured);
  return featured.length < articles.length ? featured : [];
}

const collectTopics = (articles: Article[]): Topic[] => [
  ...new Map(articles.flatMap(({ topics }) => topics).map((topic) => [topic.slug, topic])).values(),
];
