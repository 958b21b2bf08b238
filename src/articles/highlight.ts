// Highlights code with the classes of highlight.js. The style sheet gives them three tones.

import { createRequire } from "node:module";
import type { HLJSApi, LanguageFn } from "highlight.js";
import { escapeText } from "../views.ts";

const grammars =
  "bash csharp css diff dockerfile go http ini java javascript json kotlin nginx php properties python rust shell sql typescript xml yaml".split(
    " ",
  );

/** The languages that may follow ``` in an article, besides aliases like "js". */
export const codeLanguages = [...grammars, "terraform", "text"];

/** The language of Terraform, HCL, for which highlight.js has no grammar. */
const terraform: LanguageFn = (hljs) => ({
  aliases: ["hcl", "tf"],
  keywords:
    "data dynamic import locals module moved output provider resource terraform variable for in if true false null",
  contains: [
    hljs.HASH_COMMENT_MODE,
    hljs.C_LINE_COMMENT_MODE,
    hljs.C_BLOCK_COMMENT_MODE,
    hljs.NUMBER_MODE,
    { scope: "string", match: /"(?:\\.|\$\{[^}]*\}|\$(?!\{)|[^"\\$])*"/ },
    hljs.END_SAME_AS_BEGIN({ scope: "string", begin: /<<-?(\w+)$/, end: /^\s*(\w+)/ }),
  ],
});

const maxLineLength = 500; // the time grows with the square of a line's length
const maxCodeLength = 10_000; // with the longest lines this takes half a second

let highlighter: HLJSApi | undefined;

/** Whether code in this language can be shown. */
export const isCodeLanguage = (language: string): boolean =>
  language === "text" || loadHighlighter().getLanguage(language) !== undefined;

/**
 * Returns code as escaped HTML, with spans of the classes of highlight.js. The first call loads
 * highlight.js.
 */
export function highlight(code: string, language: string): string {
  const isTooLong =
    code.length > maxCodeLength || code.split("\n").some(({ length }) => length > maxLineLength);
  if (language === "text" || isTooLong || !isCodeLanguage(language)) return escapeText(code);
  return loadHighlighter().highlight(code, { language }).value;
}

/** Loads all grammars: some embed others, so the result must not depend on the order of use. */
function loadHighlighter(): HLJSApi {
  if (highlighter) return highlighter;
  const require = createRequire(import.meta.url);
  highlighter = require("highlight.js/lib/core") as HLJSApi;
  for (const name of grammars)
    highlighter.registerLanguage(name, require(`highlight.js/lib/languages/${name}`) as LanguageFn);
  highlighter.registerLanguage("terraform", terraform);
  return highlighter;
}
