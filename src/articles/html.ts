// Text as HTML: escaped, with line breaks in long names, and code with colours by highlight.js.

import { createRequire } from "node:module";
import type { HLJSApi, LanguageFn } from "highlight.js";

const require = createRequire(import.meta.url);

/** Those that articles, their examples and authors use: each one costs time at the start. */
const grammars = [
  ..."bash diff dockerfile go http ini java javascript json kotlin".split(" "),
  ..."properties python shell sql typescript xml yaml".split(" "),
];

const maxLineLength = 500; // the time grows with the square: 25 s for a word of 50,000 characters

let highlighter: HLJSApi | undefined;

/** Escaped, with spans of the classes of highlight.js, whose tones are in static/css/site.css. */
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

/** The lines of highlighted code: a longer span ends in each line, and begins again in the next. */
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

/** For the text between tags: it isn't safe in an attribute. */
export function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** `@Configuration<wbr>Properties`: a phone has no room for a long name in one line. */
export function withBreaks(html: string, minLength: number): string {
  return html.replace(new RegExp(`\\S{${minLength},}`, "g"), (name) =>
    name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[/._=])(?=\w)/g, "<wbr>"),
  );
}
