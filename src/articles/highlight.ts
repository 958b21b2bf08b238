// Highlights code with classes, because the CSP blocks style attributes and the design has three tones. Importing Shiki takes 13 ms and 5
// MB, so it is loaded when an article with code is first rendered.

import type { LanguageRegistration, ThemeRegistration } from "@shikijs/primitive";
import { escapeText } from "../views.ts";

/** Returns the code as escaped HTML, with spans of the classes keyword, string, comment and prompt, each on one line. */
export type Highlight = (code: string, language: string) => string;

const languages =
  "bash console css diff docker go html http ini java javascript json kotlin nginx properties python sql text toml typescript xml yaml";

/** The languages that may follow ``` in an article, with Shiki's short names; "text" is not highlighted. */
export const codeLanguages = `${languages} dockerfile js py sh shell ts yml`.split(" ");

// Shiki returns colours. Each of these stands for a class.
const classOfColour: Record<string, string> = { "#000001": "keyword", "#000002": "string", "#000003": "comment", "#000004": "prompt" };
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
    {
      scope: "string, constant.numeric, string punctuation, markup.inserted, markup.inserted punctuation",
      settings: { foreground: "#000002" },
    },
    { scope: "comment, comment punctuation, markup.deleted, markup.deleted punctuation", settings: { foreground: "#000003" } },
    { scope: "punctuation.separator.prompt", settings: { foreground: "#000004" } },
  ],
};

// One for the process: each instance compiles its grammars itself, which takes 0.5 s for the languages of the articles.
let loading: ReturnType<typeof loadShiki> | undefined;

/** Loads the grammars of these languages and resolves to a synchronous Highlight. */
export async function loadHighlight(named: string[]): Promise<Highlight> {
  const loaded = [...new Set(named)].filter((language) => codeLanguages.includes(language) && language !== "text");
  if (loaded.length === 0) return (code) => escapeText(code);
  loading ??= loadShiki();
  loading.catch(() => (loading = undefined)); // the next article tries again
  const { shiki, codeToTokensBase } = await loading;
  for (const language of loaded) {
    const grammar = (await import(`@shikijs/langs/${language}`)) as { default: LanguageRegistration[] };
    await shiki.loadLanguage(grammar.default);
  }
  // No time limit, or a slow instance would send different bytes.
  const options = { theme: theme.name ?? "", tokenizeMaxLineLength: 1_000, tokenizeTimeLimit: 0 };
  return (code, language) => {
    if (!loaded.includes(language)) return escapeText(code);
    const lines = codeToTokensBase(shiki, code, { ...options, lang: language });
    const html = lines.map((tokens) => tokens.map(({ content, color }) => span(content, color)).join("")).join("\n");
    return html.replace(/(?<=<span class="prompt">[^<]*)<\/span> /g, " </span>"); // the space is part of the prompt, which is not copied
  };
}

async function loadShiki() {
  const [{ createShikiPrimitiveAsync, codeToTokensBase }, { createJavaScriptRegexEngine }] = await Promise.all([
    import("@shikijs/primitive"),
    import("@shikijs/engine-javascript"),
  ]);
  const shiki = await createShikiPrimitiveAsync({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine() });
  return { shiki, codeToTokensBase };
}

function span(content: string, colour = ""): string {
  const name = classOfColour[colour.toLowerCase()];
  const text = escapeText(content);
  return name && content.trim() ? `<span class="${name}">${text}</span>` : text;
}
