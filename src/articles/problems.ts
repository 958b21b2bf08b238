// Finds mistakes in a body that would otherwise be shown to readers as text, or not at all.

import type { Token } from "markdown-it";
import { knownLanguages } from "./highlight.ts";
import { fenceInfo, inlineTokens } from "./tokens.ts";

export type Mistake = { line: number; message: string };

const maxNesting = 99; // markdown-it drops blocks that are nested deeper

/** Returns the mistakes in a body, in the order of their lines, which count from 1 at the top of the body. */
export function findProblems(tokens: Token[]): Mistake[] {
  const problems: Mistake[] = [];
  const report = (line: number, message: string) => problems.push({ line, message });
  const refuseHtml = (line: number, { content }: Token) => {
    const excerpt = content.trim().replace(/\s+/g, " ").slice(0, 30);
    const isComment = content.trimStart().startsWith("<!--");
    const advice = isComment ? "delete it" : "write Markdown, or \\< for the character itself";
    report(line, `raw HTML is refused (${excerpt}): ${advice}`);
  };
  for (const token of tokens) {
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === "html_block") refuseHtml(line, token);
    if (token.level === maxNesting) report(line, "is nested so deeply that the text below it would be lost");
    if (token.type === "heading_open" && token.tag === "h1")
      report(line, "# is the level of the title, which comes from the front matter: start sections with ##");
    if (token.type === "fence") checkFence(token, (message) => report(line, message));
  }
  for (const { token, line } of inlineTokens(tokens)) {
    if (token.type === "html_inline" && !token.content.startsWith("</")) refuseHtml(line, token);
  }
  return problems.sort((a, b) => a.line - b.line);
}

function checkFence(token: Token, report: (message: string) => void): void {
  const { language, title, rest } = fenceInfo(token);
  if (!knownLanguages.includes(language)) report(`unknown code language "${language}"; use one of ${knownLanguages.join(", ")}`);
  if (rest && !title) report(`only title="…" may follow a code language, and here is ${rest}`);
}
