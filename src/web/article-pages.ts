// The list of articles, and each article with the form below it.

import { Router } from "express";
import type { Web } from "./app.ts";
import { onlyMethods } from "./guards.ts";
import { emptyForm } from "./contact-pages.ts";

export function articlePages(web: Web): Router {
  const { show, library, now } = web;
  const router = Router({ strict: true, caseSensitive: true });

  router
    .route("/articles")
    .get((_request, response) => {
      response.set("Cache-Control", "public, max-age=300");
      show(response, 200, {
        view: "pages/articles",
        title: "Articles",
        description:
          "Notes on backend work by the engineers who do it: the code, the systems around it, and the people who depend on both.",
        path: "/articles",
        section: "/articles",
        data: { articles: library.list(now()) },
      });
    })
    .all(onlyMethods("GET", "HEAD"));

  router
    .route("/articles/:slug")
    .get(async (request, response, next) => {
      const article = library.find(request.params.slug, now());
      if (!article) return next("router");
      const body = await library.body(article);
      response.set("Cache-Control", "public, max-age=300, stale-while-revalidate=600");
      show(response, 200, {
        view: "pages/article",
        title: article.title,
        description: article.description,
        path: `/articles/${article.slug}`,
        section: "/articles",
        noindex: article.draft,
        data: { article, body, form: emptyForm(article.slug), related: library.related(article, now(), 4) },
      });
    })
    .all((request, response, next) => {
      const known = library.find(request.params.slug, now());
      if (known) onlyMethods("GET", "HEAD")(request, response, next);
      else next();
    });

  return router;
}
