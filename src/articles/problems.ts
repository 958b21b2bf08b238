// What keeps an article's body from being shown, with its lines.

import type { Token } from "markdown-it";
import { knownLanguages } from "./highlight.ts";
import { fenceInfo, inlineTokens } from "./tokens.ts";

type Problem = { line: number; message: string };

const deepest = 99; // markdown-it drops what is nested deeper

/** What keeps a body from being shown; lines count from 1 at the top of the body. */
export function problemsIn(tokens: Token[]): Problem[] {
  const problems: Problem[] = [];
  const report = (line: number, message: string) => problems.push({ line, message });
  const refuseHtml = (line: number, { content }: Token) => {
    const shown = content.trim().replace(/\s+/g, " ").slice(0, 30);
    report(line, `raw HTML is refused (${shown}): write Markdown, or \\< for the character itself`);
  };
  for (const token of tokens) {
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === "html_block") refuseHtml(line, token);
    if (token.level === deepest) report(line, "is nested so deeply that what follows would be lost");
    if (token.type === "heading_open" && token.tag === "h1")
      report(line, "# is the title's level and comes from the front matter: start sections with ##");
    if (token.type === "fence") checkFence(token, (message) => report(line, message));
  }
  for (const { token, line } of inlineTokens(tokens)) {
    if (token.type === "html_inline" && !token.content.startsWith("</")) refuseHtml(line, token);
  }
  return problems.sort((a, b) => a.line - b.line);
}

function checkFence(token: Token, report: (message: string) => void): void {
  const { language, title, rest } = fenceInfo(token);
  if (!knownLanguages.includes(language)) report(`unknown code language "${language}"; known are ${knownLanguages.join(", ")}`);
  if (rest && !title) report(`behind a code language only title="…" may stand, and here is ${rest}`);
}
