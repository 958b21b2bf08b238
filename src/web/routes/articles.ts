// One article with the form below it: as a page, as Markdown, and as a private preview before it is public; and the images in articles.

import path from "node:path";
import type { Express, Request, Response } from "express";
import { previewToken, type Article } from "../../articles/article.ts";
import { view } from "../../views.ts";
import type { Context } from "../context.ts";
import { emptyForm } from "../contact-pages.ts";
import { page } from "../middleware.ts";
import { createSharingImages } from "../sharing-images.ts";
import { articleFacts } from "../structured-data.ts";

const mostRelated = 4;

type Uses = Pick<Context, "config" | "colours" | "show" | "library" | "now" | "cache">;

export function articleRoutes(app: Express, { config, colours, show, library, now, cache }: Uses): void {
  page(app, "/articles/:slug.md", (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", now());
    if (!article) return next("route");
    cache(response, 300, 600, () => [library.find(article.slug, now())]);
    sendMarkdown(response, article);
  });

  page(app, "/articles/:slug", async (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", now());
    if (!article) return next("route");
    response.vary("Accept");
    if (prefersMarkdown(request)) {
      // Private: some shared caches ignore Vary, and would show the source to readers.
      response.set({ "Cache-Control": "private, max-age=300", "Content-Location": `/articles/${article.slug}.md` });
      return sendMarkdown(response, article);
    }
    cache(response, 300, 600, () => {
      const current = library.find(article.slug, now());
      return current ? [current, ...library.seriesOf(current, now()), null, ...library.related(current, now(), mostRelated)] : [];
    });
    await showArticle(response, article);
  });

  page(app, "/drafts/:token", async (request, response, next) => {
    const secret = config.previewSecret;
    const token = request.params["token"];
    const article = secret && [...library.hidden(now()), ...library.list(now())].find(({ slug }) => previewToken(secret, slug) === token);
    if (!article) return next("route");
    response.set({ "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer" });
    if (library.find(article.slug, now())) return response.redirect(302, `${config.siteUrl}/articles/${article.slug}`);
    await showArticle(response, article, { hidden: true });
  });

  page(app, "/images/*file", async (request, response, next) => {
    const image = await library.imageAt(request.path);
    if (!image) return next("route");
    response.set({ "Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin" });
    response.type(path.extname(request.path)).send(image);
  });

  const sharingImage = createSharingImages(colours);
  page(app, "/og/:slug.png", async (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", now());
    if (!article) return next("route");
    cache(response, 3_600, 0, () => [library.find(article.slug, now())]);
    response
      .set("Cross-Origin-Resource-Policy", "cross-origin")
      .type("png")
      .send(await sharingImage(article));
  });

  async function showArticle(response: Response, article: Article, { hidden = false } = {}): Promise<void> {
    const path = `/articles/${article.slug}`;
    const image = article.image && library.findImage(article.image.file);
    const drawn = { address: `/og/${article.slug}.png`, width: 1_200, height: 630 };
    const { address, width, height } = image && !image.address.endsWith(".svg") ? image : drawn; // SVG is shown by few who show links
    const sharing = { address: config.siteUrl + address, width, height };
    const alternates = [{ type: "text/markdown", href: `${path}.md`, title: "This article as Markdown" }];
    show(response, 200, {
      view: "pages/article",
      title: article.title,
      description: article.description,
      canonical: article.canonical,
      section: "/articles",
      ...(hidden ? {} : { path, article, sharing, alternates, facts: articleFacts(config.siteUrl, article, sharing.address) }),
      data: {
        article,
        image,
        body: await library.body(article),
        form: emptyForm(hidden ? "" : article.slug),
        parts: library.seriesOf(article, now()),
        related: library.related(article, now(), mostRelated),
      },
    });
  }

  function sendMarkdown(response: Response, article: Article): void {
    const url = article.canonical ?? `${config.siteUrl}/articles/${article.slug}`;
    response.set("Link", `<${url}>; rel="canonical"`);
    // Not the file itself: its front matter may name articles that are not public.
    response.type("text/markdown").send(view("machines/article.md")({ article, url }));
  }
}

/** Parameters are dropped first: "text/markdown;charset=utf-8" would otherwise ask for something else than we offer. */
function prefersMarkdown(request: Request): boolean {
  request.headers.accept = request.get("accept")?.replace(/(text\/markdown)(\s*;\s*(?!q=)[^;,]*)+/gi, "$1");
  return request.accepts(["html", "text/markdown"]) === "text/markdown";
}
