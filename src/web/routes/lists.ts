// Lists of articles: all of them, those of a topic or an author, and search results.

import type { Express, NextFunction, Request, Response } from "express";
import type { Article, Author } from "../../articles/article.ts";
import { company } from "../../company.ts";
import type { Context, Page } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import { queryOf } from "../page-cache.ts";
import { fixedPage } from "../pages.ts";

const perPage = 20;
const maxHits = 20;

type Listed = Required<Pick<Page, "title" | "description" | "path">> &
  Pick<Page, "alternates"> & { heading: string; lede: string; author?: Author };

export function listRoutes(app: Express, { config, show, library, clock }: Context): void {
  addGetRoute(app, "/articles", (request, response, next) => {
    const lede =
      "Notes on backend work: the code, the systems around it, and the people who depend on both.";
    const { title, description, path } = fixedPage("/articles");
    showList(request, response, next, library.list(clock()), {
      title,
      heading: title,
      lede,
      description,
      path,
    });
  });

  addGetRoute(app, "/topics/:topic", (request, response, next) => {
    const topic = library.topic(request.params["topic"] ?? "", clock());
    if (!topic) return next("route");
    const path = `/topics/${topic.slug}`;
    showList(request, response, next, topic.articles, {
      title: `${topic.name} articles`,
      heading: topic.name,
      lede: "Our articles on this topic.",
      description: `Articles on ${topic.name} by the backend engineers of Clean Systems Consulting in Copenhagen and Magelang.`,
      path,
      alternates: [
        {
          type: "application/atom+xml",
          href: `${path}/feed.atom`,
          title: `Articles on ${topic.name}`,
        },
      ],
    });
  });

  addGetRoute(app, "/authors/:author", (request, response, next) => {
    const articles = library
      .list(clock())
      .filter(({ author }) => author.key === request.params["author"]);
    const author = articles[0]?.author;
    if (!author) return next("route");
    const role = author.role && `${author.role} at ${company.name}`;
    const lede = role ? `${role}.` : "Articles published under the company’s name.";
    const description = `Articles on backend work by ${author.name}${role ? `, ${role}` : `. ${company.tagline}`}.`;
    const path = `/authors/${author.key}`;
    const listed = {
      title: `Articles by ${author.name}`,
      heading: author.name,
      lede,
      description,
      path,
      author,
    };
    showList(request, response, next, articles, listed);
  });

  addGetRoute(app, "/search", (request, response) => {
    const query = (queryOf(request).get("q") ?? "").trim().slice(0, 200);
    const found = library.search(query, clock(), maxHits);
    const title = query ? `Search: ${query.slice(0, 40)}` : "Search";
    const data = {
      query,
      found,
      total: library.list(clock()).length,
      topics: library.topics(clock()),
    };
    show(
      response,
      200,
      { view: "pages/search", title, section: "/articles", data },
      { cacheControl: "private, no-cache" },
    );
  });

  /**
   * Shows the requested page of a list, or the 404 page if it does not exist. `?page=1` redirects
   * to the URL without a query.
   */
  function showList(
    request: Request,
    response: Response,
    next: NextFunction,
    articles: Article[],
    listed: Listed,
  ): void {
    const { heading, lede, author, ...about } = listed;
    const given = queryOf(request).getAll("page");
    if (given.join() === "1") return response.redirect(301, config.siteUrl + about.path);
    const requested = given.length > 0 ? given.join() : "1"; // "2,2" is no page
    const number = Number(requested);
    const pages = Math.max(1, Math.ceil(articles.length / perPage));
    if (String(number) !== requested || !Number.isInteger(number) || number < 1 || number > pages)
      return next("route");
    const addressOf = (page: number) => (page === 1 ? about.path : `${about.path}?page=${page}`);
    const data = {
      heading,
      lede,
      author,
      number,
      pages,
      addressOf,
      listPath: about.path,
      count: articles.length,
      total: library.list(clock()).length,
      articles: articles.slice((number - 1) * perPage, number * perPage),
      topics: library.topics(clock()),
    };
    const title = number === 1 ? about.title : `${about.title}, page ${number}`;
    const shown = {
      ...about,
      view: "pages/articles",
      title,
      path: addressOf(number),
      section: "/articles",
      data,
    };
    show(response, 200, shown, { maxAge: 300 });
  }
}
