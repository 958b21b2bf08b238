// The images of articles: their size in pixels, and a public URL that contains a hash of the
// content, so that caches never expire it. Figures are SVG files without colours. Pages contain
// them, so that they take the page's colours and type. Feeds and the Markdown refer to them as
// images, which bring their own.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { imageSize } from "image-size";
import { colourProperties } from "../colours.ts";
import { imagePath } from "../urls.ts";

const imageExtensions = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
export const isImage = (name: string) => imageExtensions.includes(path.extname(name).toLowerCase());

export const notAnImage =
  "is not an image that browsers can show: export it as SVG, PNG, JPEG, WebP, AVIF or GIF";

export type ArticleImage = NonNullable<ReturnType<typeof describeImage>>;

/** Returns a name that changes with the content: "queue.1f3a…c2.svg". */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

/**
 * Returns an image with its public path and the bytes that are served, or undefined if browsers
 * cannot show it.
 */
export function describeImage(name: string, bytes: Buffer) {
  try {
    const { width, height } = imageSize(bytes);
    if (!width || !height) return undefined;
    const svg = bytes.toString();
    const figure = figureIn(svg);
    const content = figure ? Buffer.from(withColours(svg)) : bytes;
    const address = imagePath(hashedName(name, content));
    return { address, width: Math.round(width), height: Math.round(height), content, figure };
  } catch {
    return undefined;
  }
}

const sheetFile = path.resolve(import.meta.dirname, "../../static/css/figure.css");
const fonts = ':root{--sans:system-ui,-apple-system,"Segoe UI",sans-serif}';
/** The view box, and what follows the description, of a file that begins as a figure does. */
const figureParts =
  /^<svg class="figure"[^<>]{0,300} viewBox="([^"<>]{1,60})"[^<>]{0,300}>\s*(?:<title[^<>]*>[^<]*<\/title>\s*)?<desc[^<>]*>[^<]*<\/desc>([^]*)<\/svg>\s*$/;
/** Returns the drawing of a figure, or undefined for any other file. */
function figureIn(svg: string): { viewBox: string; drawing: string } | undefined {
  const [, viewBox, drawing] = figureParts.exec(svg) ?? [];
  if (!viewBox || drawing === undefined) return undefined;
  return { viewBox, drawing: drawing.trim() };
}

/** Returns a figure as it is served: with its rules and the colours of both schemes. */
function withColours(svg: string): string {
  const rules = readFileSync(sheetFile, "utf8").replaceAll("@container", "@media");
  const sheet = `${colourProperties()}${fonts}.figure{background:var(--ground)}\n${rules}`;
  return svg.replace("</desc>", (end) => `${end}\n<style>\n${sheet}</style>`);
}
