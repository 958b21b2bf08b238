// The picture that stands beside a link to an article where it is shared. Drawing one takes some 20 ms of a thread of its own, so each is
// drawn once and kept while its article stays as it is.

import path from "node:path";
import type { Article } from "../articles/article.ts";
import type { Colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { staticDir } from "./assets.ts";
import { fingerprint } from "./trace.ts";

const mostKept = 200; // of some 45 KB
const widest = 1_050; // pixels

/** Answers an article's picture as PNG, 1200 by 630 pixels. */
export function createSharingImages(colours: Colours): (article: Article) => Promise<Buffer> {
  const kept = new Map<string, Promise<Buffer>>();
  return (article) => {
    const key = `${article.slug} ${article.version}`;
    const drawn = kept.get(key) ?? draw(article, colours);
    kept.delete(key);
    kept.set(key, drawn); // the one asked for last stands last
    drawn.catch(() => kept.delete(key));
    const [oldest = ""] = kept.keys();
    if (kept.size > mostKept) kept.delete(oldest);
    return drawn;
  };
}

/** Returns an article's sharing image as SVG. */
export function sharingImageSvg(article: Article, colours: Colours): string {
  const byline = `by ${article.author.name} · ${article.outline.readingMinutes} min read`;
  const data = { ...fitted(article.title), byline, bars: fingerprint(article.outline), company, colours };
  return view("machines/sharing-image.svg")(data);
}

async function draw(article: Article, colours: Colours): Promise<Buffer> {
  const { renderAsync } = await import("@resvg/resvg-js"); // a native library of 5 MB that most requests do not need
  const fontFiles = ["regular", "bold"].map((weight) => path.join(staticDir, `fonts/schibsted-${weight}.ttf`));
  const image = await renderAsync(sharingImageSvg(article, colours), {
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" },
  });
  return image.asPng();
}

// Three lines at the full size; more lines are smaller, so that the byline keeps its place.
const sizes = [
  { size: 68, most: 3 },
  { size: 54, most: 4 },
  { size: 44, most: 6 },
];

/** The title in as few lines as fit, all of about the same length, and its size in pixels. */
function fitted(title: string): { lines: string[]; size: number } {
  const words = title.replaceAll(" — ", "\u00a0— ").split(" "); // a dash never begins a line
  const fits = sizes.find(({ size, most }) => wrapped(words, widest / size).length <= most);
  const { size, most } = fits ?? { size: 44, most: 6 };
  const count = wrapped(words, widest / size).length;
  let width = widest / size;
  while (width > 1 && wrapped(words, width - 0.5).length === count) width -= 0.5;
  return { lines: wrapped(words, width).slice(0, most), size };
}

function wrapped(words: string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || widthOf(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** About how wide bold text is, as a multiple of its size; on the safe side. */
function widthOf(text: string): number {
  const widthOfOne = (character: string) => {
    if (/[iljtfrI.,:;'’|!()\s-]/.test(character)) return 0.33;
    if (/[mwMW@—]/.test(character)) return 0.88;
    return /[A-Z]/.test(character) ? 0.66 : 0.56;
  };
  return Array.from(text).reduce((sum, character) => sum + widthOfOne(character), 0);
}
