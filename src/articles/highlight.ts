// Code highlighting on the server: three tones as classes, since a strict CSP blocks style attributes and the design wants no more.
// Shiki costs 200 ms for its first block, so it is loaded when an article with code is first rendered.

import type { LanguageRegistration, ThemeRegistration } from "@shikijs/core";
import { escapeText } from "../views.ts";

/** Escaped HTML of the code, with spans of the classes keyword, string and comment. */
export type Highlight = (code: string, language: string) => string;

const languages =
  "bash css diff docker go html http ini java javascript json kotlin nginx properties python sql text toml typescript xml yaml";

/** What may stand behind ``` in an article, also as Shiki's short names; "text" is left as it is. */
export const knownLanguages = `${languages} dockerfile js py sh shell ts yml`.split(" ");

// Shiki paints with colours; these three stand for the classes.
const classOfColour: Record<string, string> = { "#000001": "keyword", "#000002": "string", "#000003": "comment" };
const theme: ThemeRegistration = {
  name: "three-tones",
  type: "light",
  fg: "#000000",
  bg: "#ffffff",
  settings: [
    { settings: { foreground: "#000000" } },
    {
      scope: "keyword, storage, constant.language, entity.name.tag, support.type.property-name",
      settings: { foreground: "#000001" },
    },
    {
      scope: "keyword.operator, storage.type.generic, storage.type.object, storage.modifier.import, storage.modifier.package, punctuation",
      settings: { foreground: "#000000" },
    },
    { scope: "keyword.operator.new, keyword.operator.instanceof", settings: { foreground: "#000001" } },
    { scope: "string, constant.numeric, string punctuation", settings: { foreground: "#000002" } },
    { scope: "comment, comment punctuation", settings: { foreground: "#000003" } },
  ],
};

/** Returns a function that loads the grammars an article needs and answers a synchronous Highlight for it. */
export function createHighlighter(): (languages: string[]) => Promise<Highlight> {
  let core: Promise<Awaited<ReturnType<typeof loadCore>>> | undefined;
  return async (named) => {
    const wanted = [...new Set(named)].filter((language) => knownLanguages.includes(language) && language !== "text");
    if (wanted.length === 0) return (code) => escapeText(code);
    core ??= loadCore();
    core.catch(() => (core = undefined)); // what could not be loaded is loaded by the next article
    const shiki = await core;
    for (const language of wanted) {
      const grammar = (await import(`@shikijs/langs/${language}`)) as { default: LanguageRegistration[] };
      await shiki.loadLanguage(grammar.default);
    }
    return (code, language) => {
      if (!wanted.includes(language)) return escapeText(code);
      const lines = shiki.codeToTokensBase(code, {
        lang: language,
        theme: theme.name ?? "",
        tokenizeMaxLineLength: 1_000,
        tokenizeTimeLimit: 0,
      });
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
  const text = escapeText(content);
  return name && content.trim() ? `<span class="${name}">${text}</span>` : text;
}
