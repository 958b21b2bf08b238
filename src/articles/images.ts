// The images of articles: their size in pixels, and a public URL that contains a hash of the
// content, so that caches never expire it. Figures are SVG files without colours. Pages contain
// them, so that they take the page's colours and type. Feeds and the Markdown refer to them as
// images, which bring their own.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { imageSize } from "image-size";
import { colourProperties } from "../colours.ts";

const imageExtensions = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
export const isImage = (name: string) => imageExtensions.includes(path.extname(name).toLowerCase());

/** `name` is the path in the folder of articles, `address` the public path. */
export type ArticleImage = { name: string; address: string; width: number; height: number };

/** Returns a name that changes with the content: "queue.1f3a…c2.svg". */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

/** Returns the public path of an image, in lower case like all URLs of the site. */
export function imageAddress(name: string, content: Buffer): string {
  const parts = hashedName(name, servedImage(content)).split("/");
  return `/images/${parts.map(encodeURIComponent).join("/")}`.toLowerCase();
}

/** Returns an image's public path and size, or undefined if browsers cannot show the content. */
export function describeImage(name: string, content: Buffer): ArticleImage | undefined {
  try {
    const { width, height } = imageSize(content);
    if (!width || !height) return undefined;
    const size = { width: Math.round(width), height: Math.round(height) };
    return { name, address: imageAddress(name, content), ...size };
  } catch {
    return undefined;
  }
}

const sheetFile = path.resolve(import.meta.dirname, "../../static/css/figure.css");
const fonts = ':root{--sans:system-ui,-apple-system,"Segoe UI",sans-serif}';
const maxFigureLength = 50_000;
const maxFigures = 30; // of one article
/** The view box, and what follows the description, of a file that begins as a figure does. */
const figureParts =
  /^<svg class="figure"[^<>]{0,300} viewBox="([^"<>]{1,60})"[^<>]{0,300}>\s*(?:<title[^<>]*>[^<]*<\/title>\s*)?<desc[^<>]*>[^<]*<\/desc>([^]*)<\/svg>\s*$/;
/**
 * What may stand in a figure, which becomes part of the page: shapes and texts, without links,
 * handlers or styles of their own. Each alternative begins differently, so that it is linear.
 */
const onlyShapes =
  /^(?:[^<]|<\/?(?:g|rect|line|path|circle|polyline|text|tspan)(?:\s+(?!on|style|href)[a-z][a-z\d-]*="[^"<>]*")*\s*\/?>)*$/;

/** Returns the drawing of a figure, or undefined for any other file. */
function figureIn(svg: string): { viewBox: string; drawing: string } | undefined {
  if (svg.length > maxFigureLength) return undefined;
  const [, viewBox, drawing] = figureParts.exec(svg) ?? [];
  if (!viewBox || drawing === undefined || !onlyShapes.test(drawing)) return undefined;
  return { viewBox, drawing: drawing.trim() };
}

/** Returns why an SVG that begins like a figure is not shown as one, or undefined. */
export function figureProblem(content: Buffer): string | undefined {
  const svg = content.toString();
  if (!svg.startsWith('<svg class="figure"') || figureIn(svg)) return undefined;
  return `is shown as an image and not as a figure: a figure has at most ${maxFigureLength / 1_000} KB, and only shapes and texts without links, styles or handlers`;
}

/** Returns an image as it is served: a figure with its rules and the colours of both schemes. */
export function servedImage(content: Buffer): Buffer {
  const svg = content.toString();
  if (!figureIn(svg)) return content;
  const rules = readFileSync(sheetFile, "utf8").replaceAll("@container", "@media");
  const sheet = `${colourProperties()}${fonts}.figure{background:var(--ground)}\n${rules}`;
  return Buffer.from(svg.replace("</desc>", (end) => `${end}\n<style>\n${sheet}</style>`));
}

/**
 * Returns the HTML of a page in which each image that is a figure is replaced by its SVG. The
 * alternative text becomes its label.
 */
export async function withFigures(
  html: string,
  images: { imageAt: (address: string) => Promise<Buffer | undefined> },
): Promise<string> {
  let page = html;
  const found = html.matchAll(/<img src="([^"]+\.svg)" alt="([^"]*)"[^>]*>/g);
  for (const [image, address = "", alt] of found.take(maxFigures)) {
    const figure = figureIn((await images.imageAt(address))?.toString() ?? "");
    if (!figure) continue;
    const { viewBox, drawing } = figure;
    const svg = `<svg class="figure" viewBox="${viewBox}" role="img" aria-label="${alt}">${drawing}</svg>`;
    page = page.replace(image, () => svg);
  }
  return page;
}
