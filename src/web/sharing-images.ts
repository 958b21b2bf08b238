// Sharing images, which other sites show beside a link: the title, and bars for the sections.

import path from "node:path";
import type { Article } from "../articles/article.ts";
import { factsOf } from "../articles/markdown.ts";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { staticDir } from "./assets.ts";
import { outlineBars, type Bar } from "./bars.ts";

const titleSize = { width: 1_050, height: 216 }; // pixels above the byline
const letter = 0.53; // mean width of a bold letter, as a multiple of the font size

/** Drawings that are in progress or waiting: requests for one image at the same time share it. */
const drawings = new Map<Article, Promise<Buffer>>();
/** Settles when the drawings before have ended. One drawing takes 20 ms in another thread. */
let lastDrawing: Promise<unknown> = Promise.resolve();

/** Returns the sharing image of an article as PNG. One is drawn at a time. */
export function articleImage(article: Article): Promise<Buffer> {
  return drawings.getOrInsertComputed(article, () => {
    const { outline } = factsOf(article);
    const byline = `by ${article.author.name} · ${outline.readingMinutes} min read`;
    const draw = () => drawSharingImage(article.title, byline, outlineBars(outline));
    const drawing = lastDrawing.then(draw, draw).finally(() => drawings.delete(article));
    lastDrawing = drawing;
    return drawing;
  });
}

/** Draws a sharing image. */
export async function drawSharingImage(title: string, byline: string, bars: Bar[]) {
  const { renderAsync } = await import("@resvg/resvg-js"); // 5 MB that most requests do not need
  const fontFiles = ["regular", "bold"].map((weight) =>
    path.join(staticDir, `fonts/schibsted-${weight}.ttf`),
  );
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" };
  const texts = { ...fitTitle(title), byline, company };
  const svg = view("machines/sharing-image.svg")({ ...texts, bars, colours });
  const image = await renderAsync(svg, { font });
  // V8 does not count the 3 MB of an image, and would collect a hundred at once. It counts this copy.
  void image.pixels;
  return image.asPng();
}

/** Splits a title into lines of similar length. Returns them with the font size in pixels. */
function fitTitle(title: string): { lines: string[]; size: number } {
  const words = title.replaceAll(" — ", "\u00a0— ").split(" "); // no line begins with a dash
  const linesAt = (size: number) => wrap(words, titleSize.width / (size * letter));
  const size = [68, 54].find((size) => linesAt(size).length * size <= titleSize.height) ?? 44;
  const { length } = linesAt(size);
  let width = titleSize.width / (size * letter);
  while (width > 1 && wrap(words, width - 1).length === length) width -= 1;
  return { lines: wrap(words, width), size };
}

/** Wraps words into lines of at most `width` characters. */
function wrap(words: string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
