// Highlights code with the classes of highlight.js. The style sheet gives them three tones.

import { createRequire } from "node:module";
import type { HLJSApi, LanguageFn } from "highlight.js";
import { escapeText } from "../views.ts";

const grammars =
  "bash css diff dockerfile go http ini java javascript json kotlin nginx properties python shell sql typescript xml yaml".split(
    " ",
  );
/** Languages whose grammar has another name. */
const grammarOf: Record<string, string> = {
  console: "shell",
  docker: "dockerfile",
  html: "xml",
  js: "javascript",
  py: "python",
  sh: "bash",
  shell: "bash",
  toml: "ini",
  ts: "typescript",
  yml: "yaml",
};

/** The languages that may follow ``` in an article; "text" is not highlighted. */
export const codeLanguages = [...new Set([...grammars, ...Object.keys(grammarOf), "text"])].sort();

const maxLineLength = 500; // the time grows with the square of a line's length
const maxCodeLength = 10_000; // with the longest lines this takes half a second

let highlighter: HLJSApi | undefined;

/**
 * Returns code as escaped HTML, with spans of the classes of highlight.js. The first call loads
 * highlight.js.
 */
export function highlight(code: string, language: string): string {
  const isPlain = language === "text" || !codeLanguages.includes(language);
  const isTooLong =
    code.length > maxCodeLength || code.split("\n").some(({ length }) => length > maxLineLength);
  if (isPlain || isTooLong) return escapeText(code);
  highlighter ??= loadHighlighter();
  return highlighter.highlight(code, { language: grammarOf[language] ?? language }).value;
}

/** Loads all grammars: some embed others, so the result must not depend on the order of use. */
function loadHighlighter(): HLJSApi {
  const require = createRequire(import.meta.url);
  const loaded = require("highlight.js/lib/core") as HLJSApi;
  for (const name of grammars)
    loaded.registerLanguage(name, require(`highlight.js/lib/languages/${name}`) as LanguageFn);
  return loaded;
}
