// Highlights code with the classes of the three tones of the design.

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

/** The class for each scope of highlight.js. Other scopes inherit the enclosing class. "": none. */
const classOfScope: Record<string, string> = {
  ...toEach("keyword literal type name selector-tag attribute section", "keyword"),
  ...toEach("string number regexp addition", "string"),
  ...toEach("comment deletion", "comment"),
  "meta prompt_": "prompt",
  subst: "", // code in a template string
};

/** Grammars in which the scope "attr" is a key. In others it is an attribute or a property. */
const withKeys = ["ini", "json", "properties", "yaml"];

function toEach(scopes: string, name: string): Record<string, string> {
  return Object.fromEntries(scopes.split(" ").map((scope) => [scope, name]));
}

const maxLineLength = 500; // the time grows with the square of a line's length
const maxCodeLength = 10_000; // with the longest lines this takes half a second

let highlighter: HLJSApi | undefined;

/**
 * Returns code as escaped HTML, with spans of the classes keyword, string, comment and prompt, each
 * on one line. The first call loads highlight.js.
 */
export function highlight(code: string, language: string): string {
  const isPlain = language === "text" || !codeLanguages.includes(language);
  const isTooLong =
    code.length > maxCodeLength || code.split("\n").some(({ length }) => length > maxLineLength);
  if (isPlain || isTooLong) return escapeText(code);
  const grammar = grammarOf[language] ?? language;
  highlighter ??= loadHighlighter();
  const html = highlighter.highlight(code, { language: grammar }).value;
  return withClasses(html, { ...classOfScope, attr: withKeys.includes(grammar) ? "keyword" : "" });
}

/** Loads all grammars: some embed others, so the result must not depend on the order of use. */
function loadHighlighter(): HLJSApi {
  const require = createRequire(import.meta.url);
  const loaded = require("highlight.js/lib/core") as HLJSApi;
  for (const name of grammars)
    loaded.registerLanguage(name, require(`highlight.js/lib/languages/${name}`) as LanguageFn);
  return loaded;
}

/** Replaces the spans of highlight.js, which are nested and may be longer than a line. */
function withClasses(html: string, classes: Record<string, string>): string {
  const open: string[] = []; // the class of each open span, the innermost last
  const parts = html.split(/(<[^>]*>|\n)/).map((part) => {
    const [, scope] = /^<span class="(?:hljs-)?([^"]*)">$/.exec(part) ?? [];
    const name = open.at(-1) ?? "";
    if (scope !== undefined) open.push(classes[scope] ?? name);
    else if (part === "</span>") open.pop();
    else return name && part.trim() ? `<span class="${name}">${part}</span>` : part;
    return "";
  });
  return parts.join("").replaceAll("&quot;", '"').replaceAll("&#x27;", "'");
}
