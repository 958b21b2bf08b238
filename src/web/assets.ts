// Reads fonts, images and style sheets. Their URLs contain a hash of the content, so that caches
// never expire them.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { colourProperties } from "../colours.ts";
import { hashedName, href } from "../urls.ts";

export const staticDir = path.resolve(import.meta.dirname, "../../static");

const isServed = (name: string) => /\.(woff2|svg|png|ico)$/.test(name);

/** Files that browsers and feed readers request by a fixed name, so their URLs have no hash. */
const wellKnownNames = ["favicon.ico", "apple-touch-icon.png"];

export type Assets = ReturnType<typeof loadAssets>;

/**
 * Reads all files below static/. `css` is what a page has in its style element: that of an article
 * has no rules of other pages. Throws if a style sheet names a file that does not exist.
 */
export function loadAssets() {
  const names = readdirSync(staticDir, { recursive: true, encoding: "utf8" }).filter(isServed);
  const hashed = names.map((name) => {
    const body = readFileSync(path.join(staticDir, name));
    const url = href("asset", { file: hashedName(name, body) });
    return { name, url, body, type: path.extname(name), caching: "forever" as const };
  });
  const file = (name: string) => {
    // The name of a sharing image has a hash already.
    const asset = hashed.find((one) => one.name.replace(/-[0-9a-f]{10}(?=\.png$)/, "") === name);
    if (!asset) throw new Error(`static/${name} does not exist`);
    return asset;
  };
  const wellKnown = wellKnownNames.map((name) => {
    const { body, type } = file(`images/${name}`);
    return { url: `/${name}`, body, type, caching: 3_600 };
  });
  const url = (name: string): string => file(name).url;
  const joinStyleSheets = (...names: string[]) =>
    colourProperties() + names.map((name) => loadStyleSheet(name, url)).join("");
  const css = {
    article: joinStyleSheets("site.css", "figure.css"),
    page: joinStyleSheets("site.css", "pages.css", "figure.css"),
  };
  return { served: [...hashed, ...wellKnown], file, url, css };
}

function loadStyleSheet(name: string, url: (name: string) => string): string {
  return readFileSync(path.join(staticDir, "css", name), "utf8")
    .replace(/\/\*[\s\S]*?\*\/\s*|(?<=[:,;{}>])\s+|\s+(?=[{}>])/g, "")
    .replace(/url\("\.\.\/([^"]+)"\)/g, (_whole, name: string) => `url("${url(name)}")`)
    .trim();
}

/**
 * Returns the style sheet that a figure has when it is opened as a file, with the colours of both
 * schemes. It is one line, so that the lines of the file stay its author's.
 */
export function figureStyle(): string {
  const rules = readFileSync(path.join(staticDir, "css/figure.css"), "utf8");
  const fonts = ':root{--sans:system-ui,-apple-system,"Segoe UI",sans-serif}';
  const sheet = `${colourProperties()}${fonts}.figure{background:var(--ground)}\n${rules}`;
  return sheet.replaceAll("@container", "@media").replace(/\s+/g, " ");
}
