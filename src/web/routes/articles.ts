// An article: as a page with the form below it, as Markdown, and as a private preview. Also its
// examples and the images in articles.

import path from "node:path";
import type { Express } from "express";
import { previewToken, type Article } from "../../articles/article.ts";
import { highlight, splitLines } from "../../articles/html.ts";
import { emptyForm } from "../../inquiries/form.ts";
import { view } from "../../views.ts";
import { href, matchUrl, urls } from "../../urls.ts";
import { addGetRoute, parseQuery, type GetHandler, type RouteContext } from "../routing.ts";
import { contactHref, formAction, type Page } from "../pages.ts";

const maxMoreArticles = 4;
/** For how many seconds a copy of an article may be used. */
const fresh = 300;

/**
 * Returns whether the lines of a file are wrapped, as code and sentences are. The columns of an
 * output have to stay below each other, so it scrolls.
 */
const isWrapped = (file: string, text: string): boolean =>
  !file.endsWith(".txt") || (/^.{110}/m.test(text) && !/\S {3,}\S/.test(text));

/**
 * Puts the indentation of a line apart from its text, so that a wrapped line begins below its text.
 */
const withIndent = (line: string): string =>
  line.replace(/^((?:<span[^>]*>)*)( *)(.*)$/, "<code>$2</code><code>$1$3</code>");

export function articleRoutes(
  app: Express,
  { config, redirect, show, library, clock, send }: RouteContext,
): void {
  addArticleRoute(urls.articleText, (article, _request, response) => {
    const { slug } = article;
    const url = config.siteUrl + href("article", { slug });
    const examples = library.examples(article) && config.siteUrl + href("examples", { slug });
    response.set("Link", `<${url}>; rel="canonical"`);
    // The Markdown isn't the author's file, whose front matter may name articles that are not
    // public.
    const body = view("machines/article.md")({ article, url, examples });
    send(response, { body, type: "text/markdown", caching: fresh });
  });

  addArticleRoute(urls.article, (article, _request, response) => {
    const path = href("article", { slug: article.slug });
    const markdown = { type: "text/markdown", href: href("articleText", { slug: article.slug }) };
    const alternates = [{ ...markdown, title: "This article as Markdown" }];
    const page = articlePage(article, article.slug);
    show(response, 200, { ...page, path, article, alternates }, fresh);
  });

  addGetRoute(app, urls.preview, ({ params: { token } }, response, next) => {
    const secret = config.previewSecret;
    const article =
      secret && library.all().find(({ slug }) => previewToken(secret, slug) === token);
    if (!article) return next("route");
    response.set("Referrer-Policy", "no-referrer");
    if (library.find(article.slug, clock()))
      redirect(response, href("article", { slug: article.slug }), 302);
    else show(response, 200, articlePage(article, ""));
  });

  addArticleRoute(urls.examples, (article, _request, response, next) => {
    const body = library.examples(article)?.get("README.md");
    if (body === undefined) return next("route");
    const page = {
      view: "pages/examples",
      title: `Examples: ${article.title}`,
      description: `The programs behind “${article.title}”, what they printed, and how to run them.`,
      path: href("examples", { slug: article.slug }),
      section: urls.articles,
      data: { article, body: exampleHtml(article, body) },
    };
    show(response, 200, page, fresh);
  });

  addArticleRoute(urls.exampleFile, (article, request, response, next) => {
    const file = matchUrl(request.path)?.parts["file"] ?? "";
    const text = library.examples(article)?.get(file);
    if (text === undefined) return next("route");
    if (parseQuery(request).has("plain"))
      return send(response, { body: text, type: "text/plain; charset=utf-8", caching: fresh });
    const lines = text.trimEnd().split("\n");
    const isMarkdown = file.endsWith(".markdown");
    const code = highlight(text.trimEnd(), path.extname(file).slice(1));
    const [, heading = file] = (isMarkdown && /^# (.+)/.exec(text)) || [];
    const page = {
      view: "pages/example-file",
      title: heading, // a page without a path is not indexed, and that of all examples is
      section: urls.articles,
      data: {
        article,
        file,
        heading,
        isMarkdown,
        about: library.describeExample(article, file),
        lines: lines.length,
        body: isMarkdown ? exampleHtml(article, text) : code,
        wrapped: isWrapped(file, text) ? splitLines(code).map(withIndent) : [],
      },
    };
    show(response, 200, page, fresh);
  });

  addGetRoute(app, urls.image, (request, response, next) => {
    const image = library.imageAt(request.path);
    if (!image) return next("route");
    send(response, { body: image.content, type: path.extname(request.path), caching: "forever" });
  });

  function addArticleRoute(
    path: string,
    handler: (article: Article, ...rest: Parameters<GetHandler>) => void,
  ): void {
    addGetRoute(app, path, (request, response, next) => {
      const article = library.find(request.params["slug"] ?? "", clock());
      return article ? handler(article, request, response, next) : next("route");
    });
  }

  /**
   * Renders a Markdown file of examples without its first heading, which is the title of the page.
   */
  const exampleHtml = ({ slug }: Article, text: string): string =>
    library.html({ slug, body: text.replace(/^# .+/, "") });

  /**
   * Returns an article's page. `source` is the slug that its form and its links to the form send,
   * and is empty for an article that is not public.
   */
  function articlePage(article: Article, source: string): Page {
    const { title, description } = article;
    const data = {
      article,
      body: library.html(article, { rewriteLink: (target) => contactHref(target, source) }),
      form: { ...emptyForm, source, action: formAction() },
      example: library.examples(article),
      parts: library.seriesParts(article, clock()),
      more: library.readAfter(article, clock(), maxMoreArticles),
    };
    return { view: "pages/article", title, description, section: urls.articles, data };
  }
}
