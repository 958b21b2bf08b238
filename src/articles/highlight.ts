// Highlights code with the classes of the three tones of the design. highlight.js is loaded when an article with code is first rendered.

import type { HLJSApi, LanguageFn } from "highlight.js";
import { escapeText } from "../views.ts";

/** Returns the code as escaped HTML, with spans of the classes keyword, string, comment and prompt, each on one line. */
export type Highlight = (code: string, language: string) => string;

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

/** The class for each scope of highlight.js. Other scopes inherit the class of the enclosing scope. "": no class. */
const classOfScope: Record<string, string> = {
  ...toEach("keyword literal type name selector-tag attribute section", "keyword"),
  ...toEach("string number regexp addition", "string"),
  ...toEach("comment deletion", "comment"),
  "meta prompt_": "prompt",
  subst: "", // code in a template string
};

/** Grammars in which the scope "attr" is a key. In others it is the attribute of a tag or the property of an object, which have no class. */
const withKeys = ["ini", "json", "properties", "yaml"];

function toEach(scopes: string, name: string): Record<string, string> {
  return Object.fromEntries(scopes.split(" ").map((scope) => [scope, name]));
}

let loading: Promise<HLJSApi> | undefined;

/** Loads the highlighter if one of these languages needs it, and resolves to a synchronous Highlight. */
export async function loadHighlight(named: string[]): Promise<Highlight> {
  const isHighlighted = (language: string) =>
    codeLanguages.includes(language) && language !== "text";
  if (!named.some(isHighlighted)) return escapeText;
  loading ??= loadHighlighter();
  loading.catch(() => (loading = undefined)); // the next article tries again
  const highlighter = await loading;
  return (code, language) => {
    if (!isHighlighted(language)) return escapeText(code);
    const grammar = grammarOf[language] ?? language;
    const html = highlighter.highlight(code, { language: grammar }).value;
    return withClasses(html, {
      ...classOfScope,
      attr: withKeys.includes(grammar) ? "keyword" : "",
    });
  };
}

/** Loads all grammars: some embed other languages, so loading them one by one would make the result depend on the order of articles. */
async function loadHighlighter(): Promise<HLJSApi> {
  const { default: highlighter } = await import("highlight.js/lib/core");
  for (const name of grammars) {
    const { default: grammar } = (await import(`highlight.js/lib/languages/${name}`)) as {
      default: LanguageFn;
    };
    highlighter.registerLanguage(name, grammar);
  }
  return highlighter;
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
