// Text as HTML: escaped, with line breaks in long names, and code with colours by highlight.js.

import { createRequire } from "node:module";
import type { HLJSApi, LanguageFn } from "highlight.js";

const require = createRequire(import.meta.url);

/**
 * The programming languages to highlight, which articles and their examples use. Each one more
 * makes the site start later.
 */
const grammars = [
  ..."bash diff dockerfile go http ini java javascript json kotlin".split(" "),
  ..."properties python shell sql typescript xml yaml".split(" "),
];

// The time of highlighting grows with the square: 25 s for a word of 50,000 characters.
const maxLineLength = 500;

let highlighter: HLJSApi | undefined;

/**
 * Escapes code, and adds spans with the classes of highlight.js, whose tones are in
 * static/css/site.css.
 */
export function highlight(code: string, language: string): string {
  const isTooLong = code.split("\n").some(({ length }) => length > maxLineLength);
  if (language === "text" || isTooLong) return escapeText(code);
  const hljs = loadHighlighter();
  return hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : escapeText(code);
}

/** Loads all grammars: some embed others, so the result must not depend on the order of use. */
function loadHighlighter(): HLJSApi {
  if (highlighter) return highlighter;
  highlighter = require("highlight.js/lib/core") as HLJSApi;
  for (const name of grammars)
    highlighter.registerLanguage(name, require(`highlight.js/lib/languages/${name}`) as LanguageFn);
  return highlighter;
}

/**
 * Returns the lines of highlighted code. A span over several lines is closed at the end of each,
 * and opened again in the next.
 */
export function splitLines(html: string): string[] {
  const open: string[] = [];
  return html.split("\n").map((text) => {
    const begin = open.join("");
    for (const [tag] of text.matchAll(/<\/?span[^>]*>/g))
      if (tag === "</span>") open.pop();
      else open.push(tag);
    return `${begin}${text}${"</span>".repeat(open.length)}`;
  });
}

/** Puts lines of highlighted code, counted from 1, into `<b>`. */
export const markLines = (html: string, marked: number[]): string =>
  splitLines(html)
    .map((line, index) => (marked.includes(index + 1) ? `<b>${line}\n</b>` : `${line}\n`))
    .join("");

/** Escapes the text between tags. The result isn't safe in an attribute. */
export function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/**
 * Lets names of `minLength` letters or more break, because a phone has no room for them in one
 * line: `@Configuration<wbr>Properties`.
 */
export function withBreaks(html: string, minLength: number): string {
  return html.replace(new RegExp(`\\S{${minLength},}`, "g"), (name) =>
    name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[/._=])(?=\w)/g, "<wbr>"),
  );
}
