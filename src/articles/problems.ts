// What keeps an article's body from being shown, with its lines.

import type { Token } from "markdown-it";
import { knownLanguages } from "./highlight.ts";
import { fenceInfo, inlineTokens } from "./tokens.ts";

type Problem = { line: number; message: string };

const deepest = 99; // markdown-it drops what is nested deeper
const otherNames: Record<string, string> = {
  dockerfile: "docker",
  js: "javascript",
  py: "python",
  sh: "bash",
  shell: "bash",
  ts: "typescript",
  yml: "yaml",
};

/** What keeps a body from being shown; lines count from 1 at the top of the body. */
export function problemsIn(tokens: Token[]): Problem[] {
  const problems: Problem[] = [];
  const refuseHtml = (line: number, html: Token) => {
    const message = `raw HTML is refused (${html.content.trim().replace(/\s+/g, " ").slice(0, 30)}): write Markdown, or \\< for the character itself`;
    problems.push({ line, message });
  };
  for (const token of tokens) {
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === "html_block") refuseHtml(line, token);
    if (token.level === deepest) problems.push({ line, message: "is nested so deeply that what follows would be lost" });
    if (token.type === "heading_open" && token.tag === "h1")
      problems.push({ line, message: "# is the title's level and comes from the front matter: start sections with ##" });
    if (token.type === "fence") problems.push(...problemsInFence(token).map((message) => ({ line, message })));
  }
  for (const { token, line } of inlineTokens(tokens)) {
    if (token.type === "html_inline" && !token.content.startsWith("</")) refuseHtml(line, token);
  }
  return problems.sort((a, b) => a.line - b.line);
}

function problemsInFence(token: Token): string[] {
  const { language, title, rest } = fenceInfo(token);
  const problems: string[] = [];
  const usual = otherNames[language.toLowerCase()] ?? language.toLowerCase();
  if (!knownLanguages.includes(language)) {
    const hint = knownLanguages.includes(usual) ? `, write "${usual}"` : `; known are ${knownLanguages.join(", ")}`;
    problems.push(`unknown code language "${language}"${hint}`);
  }
  if (rest && !title) problems.push(`behind a code language only title="…" may stand, and here is ${rest}`);
  return problems;
}
