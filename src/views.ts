// Compiles the EJS templates in views/, for pages and mails. Data is never passed to EJS as
// options, which would allow code injection.

import { readFileSync } from "node:fs";
import path from "node:path";
import ejs from "ejs";

export const viewsDir = path.resolve(import.meta.dirname, "../views");

type View = (data: object) => string;

const compiled = new Map<string, View>();

const plainTextName = /\.(text|txt|md)$/;

/**
 * Returns a compiled view. Its errors name file and line. `<%= %>` escapes for HTML, except in
 * views of plain text.
 */
export const view = (name: string): View => compiled.getOrInsertComputed(name, compile);

function compile(name: string): View {
  const filename = path.join(viewsDir, `${name}.ejs`);
  const escape = plainTextName.test(name) ? { escape: String } : {};
  return ejs.compile(readFileSync(filename, "utf8"), { filename, cache: true, ...escape });
}
