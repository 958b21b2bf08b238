// Reads fonts, images and style sheets. Their URLs contain a hash of the content, so that caches
// never expire them.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { colourProperties, paperProperties } from "../colours.ts";
import { hashedName, href } from "../urls.ts";
import type { Caching } from "./page-cache.ts";

export const staticDir = path.resolve(import.meta.dirname, "../../static");

const mediaTypes: Record<string, string> = {
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
};

/** Browsers and feed readers request these without a hash. */
const wellKnownNames = ["favicon.ico", "apple-touch-icon.png"];

export type Assets = ReturnType<typeof loadAssets>;

/** `css` is inside each page: `article` leaves out the rules of other pages. */
export function loadAssets() {
  const byUrl = new Map<string, { body: Buffer; type: string; caching: Caching }>();
  const byName = new Map<string, { url: string; body: Buffer }>();
  for (const name of readdirSync(staticDir, { recursive: true, encoding: "utf8" })) {
    const type = mediaTypes[path.extname(name)];
    if (!type) continue;
    const body = readFileSync(path.join(staticDir, name));
    const url = href("asset", { file: hashedName(name, body) });
    byName.set(name.replace(/-[0-9a-f]{10}(?=\.png$)/, ""), { url, body }); // of a sharing image
    byUrl.set(url, { body, type, caching: "forever" });
    const plainName = path.basename(name);
    if (wellKnownNames.includes(plainName))
      byUrl.set(`/${plainName}`, { body, type, caching: 3_600 });
  }

  const file = (name: string) => {
    const asset = byName.get(name);
    if (!asset) throw new Error(`static/${name} does not exist`);
    return asset;
  };
  const url = (name: string): string => file(name).url;
  const joinStyleSheets = (...names: string[]) =>
    colourProperties() + names.map((name) => loadStyleSheet(name, url)).join("");
  const css = {
    article: joinStyleSheets("site.css", "figure.css"),
    page: joinStyleSheets("site.css", "pages.css", "figure.css") + paperProperties(),
  };
  return { byUrl, file, url, css };
}

function loadStyleSheet(name: string, url: (name: string) => string): string {
  return readFileSync(path.join(staticDir, "css", name), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s*([{};>\n])\s*/g, "$1")
    .replace(/(?<=[:,])\s+/g, "")
    .replace(/;}/g, "}")
    .replace(/url\("\.\.\/([^"]+)"\)/g, (_whole, name: string) => `url("${url(name)}")`)
    .trim();
}

/** Of figures as files, with the colours of both schemes. In one line: their lines stay the author's. */
export function figureStyle(): string {
  const rules = readFileSync(path.join(staticDir, "css/figure.css"), "utf8");
  const fonts = ':root{--sans:system-ui,-apple-system,"Segoe UI",sans-serif}';
  const sheet = `${colourProperties()}${fonts}.figure{background:var(--ground)}\n${rules}`;
  return sheet.replaceAll("@container", "@media").replace(/\s+/g, " ");
}
