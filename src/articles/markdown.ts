// Turns Markdown into safe HTML and into the facts that lists, the search and the author's check need. Raw HTML is shown as text, links are
// only those that markdown-it calls safe, and nothing needs a style attribute, which the Content-Security-Policy would block.

import MarkdownIt from "markdown-it";
import footnote from "markdown-it-footnote";
import { createHighlighter } from "./highlight.ts";
import { installRules, type Environment, type FindImage } from "./html-rules.ts";
import { readingClock, type Outline } from "./outline.ts";
import { findProblems, type Mistake } from "./problems.ts";
import {
  decodeUrl,
  fenceInfo,
  inlineTokens,
  isFence,
  linkTarget,
  markFigures,
  markStandfirstAndPull,
  nameHeadings,
  outlineOf,
  searchText,
} from "./tokens.ts";

export type Markdown = ReturnType<typeof createMarkdown>;

/** All that is known of a body besides its HTML. Lines count from 1 at the top of the file. */
export type BodyFacts = {
  outline: Outline;
  searchText: { headings: string; text: string };
  problems: Mistake[];
  images: { file: string; line: number }[];
};

export function createMarkdown() {
  // `html: true` makes raw HTML visible as tokens, so that it can be reported with its line. html-rules.ts escapes it.
  const parser = new MarkdownIt({ html: true, linkify: false, typographer: false }).use(footnote);
  const isSafe = parser.validateLink.bind(parser);
  parser.validateLink = (url) => isSafe(url) && !/^\s*data:/i.test(url); // the CSP would block them
  const normalize = parser.normalizeLink.bind(parser);
  parser.normalizeLink = (url) => linkTarget(normalize(url)); // so that the author's check sees the links that readers follow
  installRules(parser);
  const highlighter = createHighlighter();

  /** Returns the tokens of a body, its problems, and the labels of footnotes that nothing refers to. */
  function parse(body: string) {
    const environment: { footnotes?: { refs?: Record<string, number> } } = {};
    const tokens = parser.parse(body, environment);
    const problems = findProblems(tokens);
    for (const token of tokens) if (token.tag === "h1") token.tag = "h2"; // the page's title is its only h1
    nameHeadings(tokens);
    markFigures(tokens);
    markStandfirstAndPull(tokens);
    const notes = Object.entries(environment.footnotes?.refs ?? {});
    return { tokens, problems, unusedNotes: notes.filter(([, uses]) => uses < 0).map(([label]) => label.slice(1)) };
  }

  return {
    parse,

    /** Reads a body that begins on `firstLine` of its file. */
    read(body: string, firstLine: number): BodyFacts {
      const { tokens, problems } = parse(body);
      const inFile = <Item extends { line: number }>(item: Item) => ({ ...item, line: item.line + firstLine - 1 });
      const images = inlineTokens(tokens)
        .filter(({ token }) => token.type === "image")
        .map(({ token, line }) => ({ file: decodeUrl(String(token.attrGet("src"))), line }));
      return { outline: outlineOf(tokens), searchText: searchText(tokens), problems: problems.map(inFile), images: images.map(inFile) };
    },

    /** Returns the HTML of a body, which is safe to show whatever the body holds. */
    async render(body: string, findImage: FindImage): Promise<string> {
      const { tokens } = parse(body);
      const languages = tokens.filter(isFence).map((token) => fenceInfo(token).language);
      const byId = new Map(tokens.map((token) => [token.attrGet("id"), token]));
      for (const { id, startSeconds } of outlineOf(tokens).sections) byId.get(id)?.attrSet("data-at", readingClock(startSeconds));
      const environment: Environment = { highlight: await highlighter(languages), findImage, codeBlocks: 0, tables: 0 };
      return parser.renderer.render(tokens, parser.options, environment);
    },
  };
}
