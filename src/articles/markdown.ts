// Turns Markdown into safe HTML, and into facts for lists, the search and the author's check. Raw HTML is shown as text, only links that
// markdown-it considers safe are rendered, and no style attributes are used, because the Content-Security-Policy would block them.

import MarkdownIt from "markdown-it";
import footnote from "markdown-it-footnote";
import { loadHighlight } from "./highlight.ts";
import type { Excerpt } from "./excerpts.ts";
import { installRules, type Environment, type FindExample, type FindImage } from "./html-rules.ts";
import { outlineOf, readingClock, type Outline } from "./outline.ts";
import { findProblems, type Mistake } from "./problems.ts";
import {
  decodeUrl,
  fenceInfo,
  inlineTokens,
  isFence,
  markFigures,
  markStandfirstAndPull,
  nameHeadings,
  numbersIn,
  searchText,
} from "./tokens.ts";

export type Markdown = ReturnType<typeof createMarkdown>;

/** Facts about a body. Lines count from 1 at the top of the file. */
export type BodyFacts = {
  outline: Outline;
  searchText: { headings: string; text: string };
  problems: Mistake[];
  headingIds: string[];
  images: { file: string; line: number }[];
  links: { target: string; line: number }[];
  excerpts: Excerpt[];
  /** The numbers outside code blocks, without thousands separators. */
  numbers: { number: string; line: number }[];
  /** The non-ASCII characters outside code. */
  symbols: { text: string; line: number }[];
};

export function createMarkdown() {
  // `html: true` makes raw HTML visible as tokens, so that it can be reported with its line. html-rules.ts escapes it.
  const parser = new MarkdownIt({ html: true, linkify: false, typographer: false }).use(footnote);
  const isSafe = parser.validateLink.bind(parser);
  parser.validateLink = (url) => isSafe(url) && !/^\s*data:/i.test(url); // the CSP would block them
  const normalize = parser.normalizeLink.bind(parser);
  // Links to files of other articles work on GitHub and here: other.md#part becomes /articles/other#part.
  parser.normalizeLink = (url) =>
    normalize(url).replace(/^(?:\.\/)?([\w-]+)\.md(?=#|$)/, "/articles/$1");
  installRules(parser);

  /** Returns the tokens of a body, and the labels of unused footnotes. */
  function parse(body: string) {
    const environment: { footnotes?: { refs?: Record<string, number> } } = {};
    const tokens = parser.parse(body, environment);
    for (const token of tokens) if (token.tag === "h1") token.tag = "h2"; // the page's title is its only h1
    nameHeadings(tokens);
    markFigures(tokens);
    markStandfirstAndPull(tokens);
    const notes = Object.entries(environment.footnotes?.refs ?? {});
    return {
      tokens,
      unusedNotes: notes.filter(([, uses]) => uses < 0).map(([label]) => label.slice(1)),
    };
  }

  return {
    /** Reads a body that begins on `firstLine` of its file. */
    read(body: string, firstLine: number): BodyFacts {
      const { tokens, unusedNotes } = parse(body);
      const inFile = <Item extends { line: number }>(item: Item) => ({
        ...item,
        line: item.line + firstLine - 1,
      });
      const inline = inlineTokens(tokens).map(inFile);
      const ofType = (type: string) => inline.filter(({ token }) => token.type === type);
      return {
        outline: outlineOf(tokens),
        searchText: searchText(tokens),
        problems: findProblems(body, tokens, unusedNotes).map(inFile),
        headingIds: tokens
          .filter(({ type }) => type === "heading_open")
          .map((token) => String(token.attrGet("id"))),
        images: ofType("image").map(({ token, line }) => ({
          file: decodeUrl(String(token.attrGet("src"))),
          line,
        })),
        links: ofType("link_open").map(({ token, line }) => ({
          target: decodeUrl(String(token.attrGet("href") ?? "")),
          line,
        })),
        excerpts: tokens
          .filter((token) => token.type === "fence" && fenceInfo(token).file !== "")
          .map((token) => ({
            ...fenceInfo(token),
            code: token.content,
            line: (token.map?.[0] ?? 0) + 1,
          }))
          .map(inFile),
        numbers: [...ofType("text"), ...ofType("code_inline")].flatMap(({ token, line }) =>
          [...numbersIn(token.content)].map((number) => ({ number, line })),
        ),
        symbols: ofType("text")
          .map(({ token, line }) => ({ text: token.content.replace(/[\0-\x7f]/g, ""), line }))
          .filter(({ text }) => text !== ""),
      };
    },

    /** Returns HTML that is safe to show, whatever the body contains. */
    async render(
      body: string,
      findImage: FindImage,
      findExample: FindExample = () => undefined,
    ): Promise<string> {
      const { tokens } = parse(body);
      const languages = tokens.filter(isFence).map((token) => fenceInfo(token).language);
      const byId = new Map(tokens.map((token) => [token.attrGet("id"), token]));
      for (const { id, startSeconds } of outlineOf(tokens).sections)
        byId.get(id)?.attrSet("data-at", readingClock(startSeconds));
      const environment: Environment = {
        highlight: await loadHighlight(languages),
        findImage,
        findExample,
        codeBlocks: 0,
        tables: 0,
      };
      return parser.renderer.render(tokens, parser.options, environment);
    },
  };
}
