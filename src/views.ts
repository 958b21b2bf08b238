// Compiles the EJS templates under views/, for the pages and for the mail. Data never reaches EJS as options: that is how templates get injected.

import { readFileSync } from "node:fs";
import path from "node:path";
import ejs from "ejs";

export const viewsDir = path.resolve(import.meta.dirname, "../views");

export type View = (data: object) => string;

const compiled = new Map<string, View>();

const isPlainText = /\.(text|txt|md)$/;

/**
 * The template `views/<name>.ejs` as a function, compiled on first use. `<%= %>` escapes for HTML, or not at all where the name says that it
 * is plain text, like mail/inquiry.text. A template that fails says its file and line.
 */
export function view(name: string): View {
  const known = compiled.get(name);
  if (known) return known;
  const filename = path.join(viewsDir, `${name}.ejs`);
  const options = { filename, cache: true, ...(isPlainText.test(name) ? { escape: String } : {}) };
  const render = ejs.compile(readFileSync(filename, "utf8"), options) as View;
  compiled.set(name, render);
  return render;
}

/** Escapes text that stands between tags (not in an attribute). */
export function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
