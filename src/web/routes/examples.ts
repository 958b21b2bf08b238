// The programs and outputs of an article: their list, and each file as plain text. Only files in
// the library are served.

import type { Express } from "express";
import { examplesPath } from "../../articles/load.ts";
import type { Context } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import type { Caching } from "../page-cache.ts";

const fresh: Caching = { maxAge: 300 };

export function exampleRoutes(app: Express, { show, library, clock, send }: Context): void {
  const find = (slug = "") => {
    const article = library.find(slug, clock());
    return { article, example: article && library.exampleOf(article) };
  };

  addGetRoute(app, "/articles/:slug/examples", (request, response, next) => {
    const { article, example } = find(request.params["slug"]);
    if (!article || !example) return next("route");
    const description = `The programs behind “${shorten(article.title, 70)}”, what they printed, and how to run them yourself.`;
    const path = examplesPath(article.slug);
    const data = { article, body: example.html };
    show(
      response,
      200,
      {
        view: "pages/examples",
        title: `Examples: ${shorten(article.title, 58)}`,
        description,
        path,
        section: "/articles",
        data,
      },
      fresh,
    );
  });

  addGetRoute(app, "/articles/:slug/examples/*file", (request, response, next) => {
    const { article, example } = find(request.params["slug"]);
    const [, body] =
      [...(example?.files ?? [])].find(
        ([name]) => examplesPath(article?.slug ?? "", name) === request.path,
      ) ?? [];
    if (body === undefined) return next("route");
    send(response, { body, type: "text/plain; charset=utf-8", ...fresh });
  });
}

/** Returns a text of at most `max` characters, cut between words. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return `${cut.slice(0, cut.lastIndexOf(" "))}…`;
}
