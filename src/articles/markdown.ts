// Markdown to trusted HTML. Raw HTML is refused rather than passed through, links are only those that markdown-it calls safe, and nothing
// needs a style attribute, which the Content-Security-Policy would block.

import MarkdownIt from "markdown-it";
import footnote from "markdown-it-footnote";
import { createHighlighter } from "./highlight.ts";
import { installRules, type Environment, type FindImage } from "./html-rules.ts";
import { readingClock } from "./outline.ts";
import { fenceInfo, isFence, linkTarget, markFigures, markStandfirstAndPull, nameHeadings, outlineOf } from "./tokens.ts";

export type Markdown = ReturnType<typeof createMarkdown>;

export function createMarkdown() {
  // `html: true` makes raw HTML visible as tokens, so that it can be refused with its line.
  const parser = new MarkdownIt({ html: true, linkify: false, typographer: false }).use(footnote);
  const isSafe = parser.validateLink.bind(parser);
  parser.validateLink = (url) => isSafe(url) && !/^\s*data:/i.test(url); // the CSP would block them
  const normalize = parser.normalizeLink.bind(parser);
  parser.normalizeLink = (url) => linkTarget(normalize(url)); // the author's check then sees what readers follow
  installRules(parser);
  const highlighter = createHighlighter();

  const parse = (body: string) => {
    const environment: { footnotes?: { refs?: Record<string, number> } } = {};
    const tokens = parser.parse(body, environment);
    nameHeadings(tokens);
    markFigures(tokens);
    markStandfirstAndPull(tokens);
    const notes = Object.entries(environment.footnotes?.refs ?? {});
    return { tokens, unusedNotes: notes.filter(([, uses]) => uses < 0).map(([label]) => label.slice(1)) };
  };

  return {
    /** The tokens of a body, and the labels of footnotes that nothing refers to. */
    parse,

    /** The HTML of a body that has no problems. */
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
