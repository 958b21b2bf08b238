// The table of fixed pages. Routes, navigation, footer, sitemap, llms.txt, the author's link check,
// screenshots and accessibility tests read it. To add a page, give its address a name in
// src/urls.ts, add a row here, with a link text for the navigation or the footer, and write its
// view in views/pages/. A view without an <h1> is only text, and gets its heading and frame from
// partials/plain-page.ejs.

import type { Article } from "../articles/article.ts";
import { hiddenFields, questions } from "../inquiries/form.ts";
import { urls } from "../urls.ts";

export type Page = {
  /** The template's path below views/, without ".ejs". */
  view: string;
  /** The title, or the part before " · Clean Systems", which a long title does not get. */
  title: string;
  description?: string;
  /** The path of the canonical URL. A page without one is not indexed. */
  path?: string;
  article?: Article;
  /** Other formats of this page, besides the feeds of the whole site. */
  alternates?: { type: string; href: string; title: string }[];
  /** The path of the navigation entry to highlight. */
  section?: string;
  data?: object | undefined;
};

/** A page that always exists. Its description has 70 to 160 characters, also for llms.txt. */
export type FixedPage = Page & {
  path: string;
  description: string;
  /** The texts of the links in the navigation and the footer. Without one there is no link. */
  navigation?: string;
  footer?: string;
  /**
   * Queries that this page answers, by the fragment of the section that does: for each of them, the
   * search links to it above the articles.
   */
  alsoFoundAs?: Record<string, string[]>;
  /** Whether a file in routes/ has the handler of this page. */
  hasOwnRoute?: boolean;
};

const numberWords = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split(" ");

/** Writes a small number as a word: "Six" for 6, and "13" for 13. */
export const numberWord = (count: number): string => numberWords[count] ?? String(count);

/**
 * Adds the slug of the article in which a link stands, if it leads to the form: the mail to staff
 * says from which article the form was sent.
 */
export function contactHref(target: string, source: string): string {
  if (!source || !target.startsWith("/")) return target;
  const url = URL.parse(target, "http://site"); // "//" begins with a slash, and is no URL
  if (url?.pathname !== urls.contact) return target;
  url.searchParams.append(hiddenFields.source, source);
  return url.pathname + url.search + url.hash;
}

/**
 * Returns where the form is sent, which is never the URL of the form's page: Chromium would replace
 * that page in its history by the response, and after an error the Back button would not lead to
 * the visitor's text.
 */
export const formAction = (query?: URLSearchParams): string =>
  query?.has("sent") ? urls.contact : `${urls.contact}?sent`;

export const fixedPages: FixedPage[] = [
  {
    path: urls.home,
    view: "pages/home",
    title: "Clean Systems Consulting: backend engineers for your team",
    description:
      "Contract engineers for backends in production. The first week ends in a written plan that you keep. Asking is free.",
  },
  {
    path: urls.services,
    view: "pages/services",
    title: "Services",
    description:
      "Backend engineers who join your team, repair of a failing system, a project, a release or long-term support. What it costs is in writing before we begin.",
    navigation: "Services",
    alsoFoundAs: {
      "#page-first-week": ["price", "pricing", "cost", "how much does it cost", "rates"],
      "#page-kind-failing": ["on call"],
      "#page-kind-team": ["hire"],
    },
  },
  {
    path: urls.howWeWork,
    view: "pages/how-we-work",
    title: "How we work",
    description:
      "The first week with a backend that we don’t know, day by day, who does the work, and what you can hold us to until the handover.",
    navigation: "How we work",
    alsoFoundAs: { "#page-who-we-are": ["who are you", "who we are", "about", "team", "people"] },
  },
  {
    path: urls.articles,
    view: "pages/articles",
    title: "Articles",
    description:
      "Notes on backend work: the code, the systems around it, and the people who depend on both. What we measured has its programs beside it.",
    navigation: "Articles",
    footer: "Articles",
    hasOwnRoute: true,
  },
  {
    path: urls.contact,
    view: "pages/contact",
    title: "Tell us about your project",
    description: `Asking is free: ${numberWord(questions.length).toLowerCase()} questions, about two minutes. An engineer reads your message and replies by email.`,
    navigation: "Contact",
    alsoFoundAs: { "": ["email", "nda"] },
    hasOwnRoute: true,
  },
  {
    path: urls.howBuilt,
    view: "pages/how-this-site-is-built",
    title: "How this site is built",
    description:
      "What this site promises, how each promise is tested, what we got wrong and changed, and what we ask of a client’s system because of it.",
    footer: "How this site is built",
  },
  {
    path: urls.privacy,
    view: "pages/privacy",
    title: "Privacy",
    description:
      "What this site stores about you, why, for how long, and how to see it or have it deleted. It sets no cookies and loads nothing from third parties.",
    footer: "Privacy",
  },
];

export function fixedPage(path: string): FixedPage {
  const row = fixedPages.find((page) => page.path === path);
  if (!row) throw new Error(`src/web/pages.ts has no page ${path}`);
  return row;
}

/** Returns the paths that articles may link to, besides articles, topics and authors. */
export const linkablePaths = (): string[] => [
  ...fixedPages.map(({ path }) => path),
  urls.search,
  urls.feed,
];
