// The paths of pages and files of which there are many, and the table of the kinds of pages that
// articles make. src/web/pages.ts has the fixed pages.

import { hash } from "node:crypto";
import path from "node:path";

export const articlePath = (slug: string) => `/articles/${slug}`;

/** Returns the path of an article's examples, or of a file among them. */
export const examplesPath = (slug: string, file = "") =>
  `${articlePath(slug)}/examples${file && `/${file}`}`;

export const topicPath = (slug: string) => `/topics/${slug}`;

/** Returns the path of an author's page. Only a person with a bio has one: the company has no role. */
export const authorPath = ({ key, role, bio }: Shown["author"]): string | undefined =>
  role && bio ? `/authors/${key}` : undefined;

/** The private preview of an article that is not public. */
export const previewPath = (token: string) => `/drafts/${token}`;

/** `name` has a hash of the content. Lower case, as in all URLs of the site. */
export const imagePath = (name: string) =>
  `/images/${name.split("/").map(encodeURIComponent).join("/")}`.toLowerCase();

/** Returns a name that changes with the content: "queue.1f3a…c2.svg". */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

export const sharingImagePath = (slug: string) => `/og/${slug}.png`;

/** The receipt, to which the form redirects. */
export const receiptPath = (reference: string) => `/contact/received?ref=${reference}`;

/** The page on which staff set the progress of an inquiry. */
export const staffPath = (token: string) => `/staff/${token}`;

/** The facts that decide which pages show an article. */
type Shown = {
  slug: string;
  topics: { slug: string }[];
  author: { key: string; role?: string | undefined; bio?: string | undefined };
};

type PageKind = {
  /** The route, with a parameter. */
  route: string;
  /** Returns the paths of the pages of this kind that show a public article. */
  pathsOf: (article: Shown, hasExample: boolean) => string | string[];
};

/**
 * The kinds of pages that articles make. Routes, the sitemap, the check of links in articles, and
 * the tests of every page read it. To add a kind, add a row, a handler and its view.
 */
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
    route: "/authors/:author",
    pathsOf: ({ author }) => authorPath(author) ?? [],
  },
} satisfies Record<string, PageKind>;

const allKinds: PageKind[] = Object.values(pageKinds);

/** Returns the paths of all pages that show a public article, except fixed pages. */
export const pagesWith = (article: Shown, hasExample: boolean): string[] =>
  allKinds.flatMap(({ pathsOf }) => pathsOf(article, hasExample));

/** Returns the route of the kind that a path belongs to, or undefined. */
export const routeOf = (path: string): string | undefined =>
  allKinds.find(({ route }) => new RegExp(`^${route.replace(/:\w+/, "[^/]+")}$`).test(path))?.route;
