// Lists of articles: all of them, those of a topic or an author, and search results.

import type { Express } from "express";
import type { Article, Author } from "../../articles/article.ts";
import { company } from "../../company.ts";
import { authorPath, pageKinds, topicPath } from "../../urls.ts";
import type { Context, Page } from "../context.ts";
import { addGetRoute, queryOf } from "../middleware.ts";
import { fixedPage, stalledSlug } from "../pages.ts";

const perPage = 20;
const maxHits = 20;
const maxOthers = 4;

/** The articles to begin with, by the reader's problem. The list shows those that are public. */
const startHere: { problem: string; slug: string; section?: string }[] = [
  { problem: "It’s slow", slug: "every-query-is-fast-and-the-database-is-slow" },
  {
    problem: "It fails every week",
    slug: "repair-replace-or-leave-it",
    section: "#2-how-many-causes-are-there",
  },
  { problem: "We inherited it", slug: "taking-over-a-backend" },
  { problem: "Repair or replace?", slug: "repair-replace-or-leave-it" },
  { problem: "Change it live", slug: "changing-a-column-while-two-versions-run" },
  { problem: "Upgrade it", slug: "upgrading-to-spring-boot-4" },
];

/** A list, before it is divided into pages. */
type List = Required<Pick<Page, "title" | "description" | "path">> &
  Pick<Page, "alternates"> & {
    heading: string;
    articles: Article[];
    lede?: string;
    author?: Author;
    /** What the first page begins with. */
    start?: typeof startHere;
    /** The article to begin with. */
    first?: Article | undefined;
    /** What a short list ends with. */
    others?: Article[];
  };

export function listRoutes(app: Express, { config, show, library, clock }: Context): void {
  addListRoute("/articles", () => {
    const { title, description, path } = fixedPage("/articles");
    const start = startHere.filter(({ slug }) => library.find(slug, clock()));
    return { title, heading: title, description, path, articles: library.list(clock()), start };
  });

  addListRoute(pageKinds.topic.route, ({ topic: slug = "" }) => {
    const topic = library.topic(slug, clock());
    if (!topic) return undefined;
    const path = topicPath(slug);
    const feed = { type: "application/atom+xml", href: `${path}/feed.atom` };
    return {
      title: `${topic.name} articles`,
      heading: topic.name,
      description: `Articles on ${topic.name} by the backend engineers of Clean Systems Consulting in Copenhagen and Magelang.`,
      path,
      alternates: [{ ...feed, title: `Articles on ${topic.name}` }],
      articles: topic.articles,
      first: firstOf(topic.articles),
    };
  });

  addListRoute(pageKinds.author.route, ({ author: key = "" }) => {
    const articles = library.list(clock()).filter(({ author }) => author.key === key);
    const author = articles[0]?.author;
    if (!author) return undefined;
    const { name, role } = author;
    if (!role) return fixedPage("/articles").path;
    return {
      title: `Articles by ${name}`,
      heading: name,
      lede: `${role} at ${company.name}. We’re contract engineers for backends in production.`,
      description: `Articles on backend work by ${name}, ${role} at ${company.name}.`,
      path: authorPath(key),
      author,
      articles,
      others: library
        .list(clock())
        .filter((other) => other.author !== author)
        .slice(0, maxOthers),
    };
  });

  addGetRoute(app, "/search", async (request, response) => {
    const query = (queryOf(request).get("q") ?? "").trim().slice(0, 200);
    const found = await library.search(query, clock(), maxHits);
    const title = query ? `Search: ${query.slice(0, 40)}` : "Search";
    const data = {
      query,
      found,
      total: library.list(clock()).length,
      topics: library.topics(clock()),
    };
    const page = { view: "pages/search", title, section: "/articles", data };
    show(response, 200, page, { cacheControl: "private, no-cache" });
  });

  /**
   * Adds a route for the pages of a list, of which other numbers are not found. `?page=1` redirects
   * to the URL without a query. `find` may return a path to redirect to.
   */
  function addListRoute(
    route: string,
    find: (params: Record<string, string>) => List | string | undefined,
  ): void {
    addGetRoute(app, route, (request, response, next) => {
      const list = find(request.params);
      if (!list) return next("route");
      if (typeof list === "string") return response.redirect(301, config.siteUrl + list);
      const { heading, articles, lede, author, start = [], first, others = [], ...about } = list;
      const given = queryOf(request).getAll("page");
      if (given.join() === "1") return response.redirect(301, config.siteUrl + about.path);
      const requested = given.length > 0 ? given.join() : "1"; // "2,2" is no page
      const number = Number(requested);
      const pages = Math.max(1, Math.ceil(articles.length / perPage));
      if (!/^[1-9]\d*$/.test(requested) || number > pages) return next("route");
      const addressOf = (page: number) => (page === 1 ? about.path : `${about.path}?page=${page}`);
      const data = {
        heading,
        lede,
        author,
        start: number === 1 ? start : [],
        first: number === 1 ? first : undefined,
        others,
        number,
        pages,
        addressOf,
        count: articles.length,
        total: library.list(clock()).length,
        articles: articles.slice((number - 1) * perPage, number * perPage),
        topics: library.topics(clock()),
      };
      const title = number === 1 ? about.title : `${about.title}, page ${number}`;
      const shown = { ...about, view: "pages/articles", title, path: addressOf(number) };
      show(response, 200, { ...shown, section: "/articles", data }, { maxAge: 300 });
    });
  }
}

/**
 * Returns the article of a topic to begin with: the one that the home page shows, else the first to
 * start with, else the oldest.
 */
function firstOf(articles: Article[]): Article | undefined {
  if (articles.length < 2) return undefined;
  const slugs = [stalledSlug, ...startHere.map(({ slug }) => slug)];
  const starts = slugs.flatMap((slug) => articles.find((one) => one.slug === slug) ?? []);
  return starts[0] ?? articles.findLast(({ finding }) => finding);
}
