// Sharing images, which other sites show beside a link to an article. Drawing one takes about 20 ms in another thread.

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
const maxTitleHeight = 216; // pixels above the byline

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
  const { outline } = article.readBody();
  const byline = `by ${article.author.name} · ${outline.readingMinutes} min read`;
  return view("machines/sharing-image.svg")({
    ...fit(article.title),
    byline,
    bars: outlineBars(outline),
    company,
    colours,
  });
}

async function draw(article: Article, colours: Colours): Promise<Buffer> {
  const { renderAsync } = await import("@resvg/resvg-js"); // a native library of 5 MB that most requests do not need
  const fontFiles = ["regular", "bold"].map((weight) =>
    path.join(staticDir, `fonts/schibsted-${weight}.ttf`),
  );
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" };
  return (await renderAsync(sharingImageSvg(article, colours), { font })).asPng();
}

/** Splits a title into as few lines as possible, of similar length. Returns them with the font size in pixels, smaller for long titles. */
function fit(title: string): { lines: string[]; size: number } {
  const words = title.replaceAll(" — ", "\u00a0— ").split(" "); // no line begins with a dash
  const size =
    [68, 54].find((size) => wrap(words, lineWidth / size).length * size <= maxTitleHeight) ?? 44;
  let lines = wrap(words, lineWidth / size);
  for (let width = lineWidth / size; width > 1; width -= 0.5) {
    const narrower = wrap(words, width);
    if (narrower.length > lines.length) break;
    lines = narrower;
  }
  return { lines, size };
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

/** Estimates the width of bold text as a multiple of its font size. Overestimates rather than underestimates. */
function widthOf(text: string): number {
  const widthOfCharacter = (character: string) => {
    if (/[iljtfrI.,:;'’|!()\s-]/.test(character)) return 0.33;
    if (/[mwMW@—]/.test(character)) return 0.88;
    return /[A-Z]/.test(character) ? 0.66 : 0.56;
  };
  return Array.from(text).reduce((sum, character) => sum + widthOfCharacter(character), 0);
}
