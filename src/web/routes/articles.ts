// An article: as a page with the form below it, as Markdown, and as a private preview. Also the
// images in articles, and sharing images.

import path from "node:path";
import type { Express, Response } from "express";
import { previewToken, type Article } from "../../articles/article.ts";
import { servedImage, withFigures } from "../../articles/images.ts";
import { examplesPath } from "../../articles/load.ts";
import { view } from "../../views.ts";
import { immutable } from "../assets.ts";
import type { Context } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import type { Caching } from "../page-cache.ts";
import { emptyForm } from "./contact.ts";
import { articleImage, sharingSize } from "../sharing-images.ts";
import { articleData } from "../structured-data.ts";

const maxMoreArticles = 4;
const fresh: Caching = { maxAge: 300 };

export function articleRoutes(app: Express, { config, show, library, clock, send }: Context): void {
  addGetRoute(app, "/articles/:slug.md", (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", clock());
    if (!article) return next("route");
    const url = `${config.siteUrl}/articles/${article.slug}`;
    const examples = library.exampleOf(article) && config.siteUrl + examplesPath(article.slug);
    response.set("Link", `<${url}>; rel="canonical"`);
    // Not the file itself: its front matter may name articles that are not public.
    const body = view("machines/article.md")({ article, url, examples });
    send(response, { body, type: "text/markdown", ...fresh });
  });

  addGetRoute(app, "/articles/:slug", async (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", clock());
    if (!article) return next("route");
    await showArticle(response, article, fresh);
  });

  addGetRoute(app, "/drafts/:token", async (request, response, next) => {
    const secret = config.previewSecret;
    const token = request.params["token"];
    const article =
      secret && library.all().find(({ slug }) => previewToken(secret, slug) === token);
    if (!article) return next("route");
    response.set({ "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer" });
    if (library.find(article.slug, clock()))
      return response
        .set("Cache-Control", "no-store")
        .redirect(302, `${config.siteUrl}/articles/${article.slug}`);
    await showArticle(response, article, {}, true);
  });

  addGetRoute(app, "/images/*file", async (request, response, next) => {
    const image = await library.imageAt(request.path);
    if (!image) return next("route");
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    send(response, {
      body: servedImage(image),
      type: path.extname(request.path),
      cacheControl: immutable,
    });
  });

  addGetRoute(app, "/og/:slug.png", async (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", clock());
    if (!article) return next("route");
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    send(response, { body: await articleImage(article), type: "png", maxAge: 3_600 });
  });

  async function showArticle(
    response: Response,
    article: Article,
    caching: Caching,
    hidden = false,
  ): Promise<void> {
    const path = `/articles/${article.slug}`;
    const sharing = { address: `${config.siteUrl}/og/${article.slug}.png`, ...sharingSize };
    const alternates = [
      { type: "text/markdown", href: `${path}.md`, title: "This article as Markdown" },
    ];
    const structuredData = articleData(config.siteUrl, article, sharing.address);
    const data = {
      article,
      body: await withFigures(library.html(article), library),
      form: emptyForm(hidden ? "" : article.slug),
      example: library.exampleOf(article),
      parts: library.seriesOf(article, clock()),
      ...library.readAfter(article, clock(), maxMoreArticles),
    };
    const { title, description } = article;
    const shown = { view: "pages/article", title, description, section: "/articles", data };
    show(
      response,
      200,
      hidden ? shown : { ...shown, path, article, sharing, alternates, structuredData },
      caching,
    );
  }
}
