// Figures of articles: SVG files without colours. Pages contain them, so that they take the page's
// colours and type. Feeds and the Markdown refer to them as images, which bring their own.

import { readFileSync } from "node:fs";
import path from "node:path";
import { colourProperties } from "../colours.ts";

const sheetFile = path.resolve(import.meta.dirname, "../../static/css/figure.css");
const fonts = ':root{--sans:system-ui,-apple-system,"Segoe UI",sans-serif}';
const isFigure = (svg: string) => svg.startsWith('<svg class="figure"');

/**
 * Returns an image as it is served: a figure with its rules and with the colours of both schemes.
 */
export function servedImage(content: Buffer): Buffer {
  const svg = content.toString();
  if (!isFigure(svg)) return content;
  const rules = readFileSync(sheetFile, "utf8").replaceAll("@container", "@media");
  const sheet = `${colourProperties()}${fonts}.figure{background:var(--ground)}\n${rules}`;
  return Buffer.from(svg.replace("</desc>", () => `</desc>\n<style>\n${sheet}</style>`));
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
  for (const [image, address = "", alt] of html.matchAll(
    /<img src="([^"]+\.svg)" alt="([^"]*)"[^>]*>/g,
  )) {
    const svg = (await images.imageAt(address))?.toString() ?? "";
    const [, viewBox, drawing] =
      /viewBox="([^"]+)"[\s\S]*?<\/desc>\s*([\s\S]*)<\/svg>/.exec(svg) ?? [];
    if (!isFigure(svg) || !viewBox) continue;
    const figure = `<svg class="figure" viewBox="${viewBox}" role="img" aria-label="${alt}">${drawing}</svg>`;
    page = page.replace(image, () => figure);
  }
  return page;
}
