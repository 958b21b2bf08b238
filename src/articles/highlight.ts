// Code highlighting on the server: three tones as classes, since a strict CSP blocks style attributes and the design wants no more.
// Shiki costs 200 ms for its first block, so it is loaded when an article with code is first rendered.

import type { LanguageRegistration, ThemeRegistration } from "@shikijs/core";

/** Escaped HTML of the code, with spans of the classes keyword, string and comment. */
export type Highlight = (code: string, language: string) => string;

type Grammar = () => Promise<{ default: LanguageRegistration[] }>;

const grammars: Record<string, Grammar | undefined> = {
  bash: () => import("@shikijs/langs/bash"),
  css: () => import("@shikijs/langs/css"),
  diff: () => import("@shikijs/langs/diff"),
  docker: () => import("@shikijs/langs/docker"),
  go: () => import("@shikijs/langs/go"),
  html: () => import("@shikijs/langs/html"),
  http: () => import("@shikijs/langs/http"),
  ini: () => import("@shikijs/langs/ini"),
  java: () => import("@shikijs/langs/java"),
  javascript: () => import("@shikijs/langs/javascript"),
  json: () => import("@shikijs/langs/json"),
  kotlin: () => import("@shikijs/langs/kotlin"),
  nginx: () => import("@shikijs/langs/nginx"),
  properties: () => import("@shikijs/langs/properties"),
  python: () => import("@shikijs/langs/python"),
  sql: () => import("@shikijs/langs/sql"),
  text: undefined,
  toml: () => import("@shikijs/langs/toml"),
  typescript: () => import("@shikijs/langs/typescript"),
  xml: () => import("@shikijs/langs/xml"),
  yaml: () => import("@shikijs/langs/yaml"),
};

export const knownLanguages = Object.keys(grammars);

// Shiki paints with colours; these three stand for the classes.
const classOfColour: Record<string, string> = { "#000001": "keyword", "#000002": "string", "#000003": "comment" };
const theme: ThemeRegistration = {
  name: "three-tones",
  type: "light",
  fg: "#000000",
  bg: "#ffffff",
  settings: [
    { settings: { foreground: "#000000" } },
    { scope: ["keyword", "storage", "constant.language", "entity.name.tag", "support.type.property-name"], settings: { foreground: "#000001" } },
    { scope: ["keyword.operator", "storage.type.generic", "storage.type.object", "storage.modifier.import", "storage.modifier.package", "punctuation"], settings: { foreground: "#000000" } },
    { scope: ["keyword.operator.new", "keyword.operator.instanceof"], settings: { foreground: "#000001" } },
    { scope: ["string", "constant.numeric", "string punctuation"], settings: { foreground: "#000002" } },
    { scope: ["comment", "comment punctuation"], settings: { foreground: "#000003" } },
  ],
};

/** Returns a function that loads the grammars an article needs and answers a synchronous Highlight for it. */
export function createHighlighter(): (languages: string[]) => Promise<Highlight> {
  let core: Promise<Awaited<ReturnType<typeof loadCore>>> | undefined;
  return async (languages) => {
    const wanted = [...new Set(languages)].filter((language) => grammars[language]);
    if (wanted.length === 0) return (code) => escapeHtml(code);
    const shiki = await (core ??= loadCore());
    for (const language of wanted) {
      const grammar = await grammars[language]?.();
      if (grammar) await shiki.loadLanguage(grammar.default);
    }
    return (code, language) => {
      if (!grammars[language]) return escapeHtml(code);
      const lines = shiki.codeToTokensBase(code, { lang: language, theme: theme.name ?? "" });
      return lines.map((tokens) => tokens.map(({ content, color }) => span(content, color)).join("")).join("\n");
    };
  };
}

async function loadCore() {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([
    import("@shikijs/core"),
    import("@shikijs/engine-javascript"),
  ]);
  return createHighlighterCore({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine() });
}

function span(content: string, colour = ""): string {
  const name = classOfColour[colour.toLowerCase()];
  const text = escapeHtml(content);
  return name && content.trim() ? `<span class="${name}">${text}</span>` : text;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
