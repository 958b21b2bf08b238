// The table of the kinds of pages that articles make. Routes, the sitemap, the check of links in
// articles, and the tests of every page read it. To add a kind, add a row, a handler and its view.

import { articlePath, authorPath, examplesPath, topicPath } from "../urls.ts";
import { isCompany, type Article } from "./article.ts";

type PageKind = {
  /** The route, with a parameter. */
  route: string;
  /** Returns the paths of the pages of this kind that show a public article. */
  pathsOf: (article: Article, hasExample: boolean) => string[];
};

export const pageKinds = {
  article: {
    route: articlePath(":slug"),
    pathsOf: ({ slug }) => [articlePath(slug)],
  },
  examples: {
    route: examplesPath(":slug"),
    pathsOf: ({ slug }, hasExample) => (hasExample ? [examplesPath(slug)] : []),
  },
  topic: {
    route: topicPath(":topic"),
    pathsOf: ({ topics }) => topics.map(({ slug }) => topicPath(slug)),
  },
  author: {
    route: authorPath(":author"),
    pathsOf: ({ author }) => (isCompany(author) ? [] : [authorPath(author.key)]),
  },
} satisfies Record<string, PageKind>;

const allKinds: PageKind[] = Object.values(pageKinds);

/** Returns the paths of all pages that show a public article, except fixed pages. */
export const pagesWith = (article: Article, hasExample: boolean): string[] =>
  allKinds.flatMap(({ pathsOf }) => pathsOf(article, hasExample));

/** Returns the route of the kind that a path belongs to, or undefined. */
export const routeOf = (path: string): string | undefined =>
  allKinds.find(({ route }) => new RegExp(`^${route.replace(/:\w+/, "[^/]+")}$`).test(path))?.route;
