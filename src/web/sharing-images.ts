// Sharing images: what other sites show beside a link to an article. Drawing one takes about 20 ms of another thread.

import path from "node:path";
import QuickLRU from "quick-lru";
import type { Article } from "../articles/article.ts";
import type { Colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { staticDir } from "./assets.ts";
import { outlineBars } from "./trace.ts";

const maxImages = 100; // of about 45 KB each; quick-lru holds up to twice as many
const lineWidth = 1_050; // pixels

/** Returns a function that draws the sharing image of an article as PNG, 1200 by 630 pixels, once for each version of the article. */
export function createSharingImages(colours: Colours): (article: Article) => Promise<Buffer> {
  const images = new QuickLRU<string, Promise<Buffer>>({ maxSize: maxImages });
  return (article) => {
    const key = `${article.slug} ${article.version}`;
    const image = images.get(key) ?? draw(article, colours);
    images.set(key, image);
    image.catch(() => images.delete(key));
    return image;
  };
}

/** Returns an article's sharing image as SVG. */
export function sharingImageSvg(article: Article, colours: Colours): string {
  const byline = `by ${article.author.name} · ${article.outline.readingMinutes} min read`;
  return view("machines/sharing-image.svg")({ ...fit(article.title), byline, bars: outlineBars(article.outline), company, colours });
}

async function draw(article: Article, colours: Colours): Promise<Buffer> {
  const { renderAsync } = await import("@resvg/resvg-js"); // a native library of 5 MB that most requests do not need
  const fontFiles = ["regular", "bold"].map((weight) => path.join(staticDir, `fonts/schibsted-${weight}.ttf`));
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" };
  return (await renderAsync(sharingImageSvg(article, colours), { font })).asPng();
}

// A title of more lines is set in a smaller size, so that the byline keeps its place.
const smallest = { size: 44, maxLines: 6 };
const sizes = [{ size: 68, maxLines: 3 }, { size: 54, maxLines: 4 }, smallest];

/** Returns the title in as few lines as possible, all about equally long, and its font size in pixels. */
function fit(title: string): { lines: string[]; size: number } {
  const words = title.replaceAll(" — ", "\u00a0— ").split(" "); // no line begins with a dash
  const fits = sizes.find(({ size, maxLines }) => wrap(words, lineWidth / size).length <= maxLines);
  const { size, maxLines } = fits ?? smallest;
  let width = lineWidth / size;
  const { length } = wrap(words, width);
  while (width > 1 && wrap(words, width - 0.5).length === length) width -= 0.5;
  return { lines: wrap(words, width).slice(0, maxLines), size };
}

/** Wraps words into lines of at most `width`, a multiple of the font size. */
function wrap(words: string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || widthOf(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Estimates the width of bold text as a multiple of its font size, rather too wide than too narrow. */
function widthOf(text: string): number {
  const widthOfCharacter = (character: string) => {
    if (/[iljtfrI.,:;'’|!()\s-]/.test(character)) return 0.33;
    if (/[mwMW@—]/.test(character)) return 0.88;
    return /[A-Z]/.test(character) ? 0.66 : 0.56;
  };
  return Array.from(text).reduce((sum, character) => sum + widthOfCharacter(character), 0);
}
