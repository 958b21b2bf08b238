// The images that other sites show beside a link. An article's image shows its finding with its
// bars, and the title if that says something else. `npm run images` draws them as PNG.

import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { repairBars, type Article } from "./article.ts";
import type { ArticleImage, Snapshot } from "./load.ts";

/**
 * An image and its file, whose name has a hash of the drawing, so that an image with old words is
 * not found.
 */
export type SharingImage = { file: string; svg: string };
/** Words of one size, which are bold unless their tone is quiet. */
type Block = { text?: string | undefined; size: number; tone?: "ink" | "quiet" | "hot" | "accent" };
type Figure = NonNullable<ArticleImage["figure"]>;

const textWidth = 1_056; // the text may be so many pixels wide
const figuresTop = 474;
const letterWidth = 0.5; // a letter's mean width is half of the font size

/** A drawing as wide as the image. `y` is how far down it begins. */
type Strip = { y: number; drawing: string };

export function articleImage(article: Article): SharingImage {
  const { slug, author, finding } = article;
  const { number, unit, symptom, repaired } = finding ?? {};
  const [title = ""] = article.title.split(" — ");
  const repeats = !symptom || symptom.toLowerCase().startsWith(title.toLowerCase());
  const blocks: Block[] = [
    { text: number, size: 104, tone: "hot" },
    { text: unit, size: 28 },
    { text: repaired && `${repaired.number} ${repaired.unit}`, size: 28, tone: "accent" },
    { text: symptom ?? title, size: number ? 46 : 66, tone: "ink" },
    { text: repeats ? "" : title, size: number ? 25 : 30 },
    { text: number ? "" : `by ${author.name}`, size: 26 },
  ];
  const bars = finding && repaired ? repairBars(finding) : [];
  const strips = bars.map((length, index) => ({
    y: 532 + index * 44,
    drawing: `<path fill="var(--line)" d="M0 0h1200v28H0z"/><path fill="var(--${index ? "bar" : "hot"})" d="M0 0h${Math.max(4, length * 12)}v28H0z"/>`,
  }));
  return sharingImage(slug, blocks, strips);
}

/** Returns the image of the site, which every page shares that is no article. */
export function siteImage(figures: Figure[]): SharingImage {
  const blocks: Block[] = [
    { text: "Backend systems that stay quiet.", size: 84, tone: "ink" },
    { text: "Contract engineers for backends. A plan after one week.", size: 32 },
  ];
  const height = Math.round((630 - figuresTop) / figures.length);
  const strips = figures.map((figure, index) => ({
    y: figuresTop + index * height,
    drawing: scaled(figure, 1_200, height - 24),
  }));
  return sharingImage("home", blocks, strips);
}

export const articleImages = ({ articles }: Snapshot): SharingImage[] =>
  articles.filter(({ draft }) => !draft).map(articleImage);

/** Returns the images that are not in a folder, or have old words there. */
export const missingIn = (dir: string, images: SharingImage[]): SharingImage[] =>
  images.filter(({ file }) => !existsSync(path.join(dir, file)));

/** Stacks the blocks from the top, or without strips below them so that they end at the foot. */
function sharingImage(name: string, blocks: Block[], strips: Strip[]): SharingImage {
  let y = 112;
  const lines = blocks.flatMap(({ text = "", size, tone = "quiet" }) => {
    if (text) y += size * 0.3 + 8;
    return wrap(text, Math.floor(textWidth / (size * letterWidth))).map((line) => {
      y += size * 1.08;
      return { text: line, size, tone, y: Math.round(y - size * 0.2) };
    });
  });
  const shift = strips.length > 0 ? 0 : Math.max(0, Math.round(570 - y));
  const data = { lines, shift, strips, company, colours };
  const svg = inLightColours(view("machines/sharing-image.svg")(data));
  return { file: `${name}-${hash("sha256", svg).slice(0, 10)}.png`, svg };
}

/**
 * Breaks a text into as few lines as possible, of at most `width` characters and similar lengths.
 */
function wrap(text: string, width: number): string[] {
  const linesAt = (max: number) =>
    text.match(new RegExp(`(\\S.{0,${max - 1}}|\\S+)(?= |$)`, "g")) ?? [];
  const { length } = linesAt(width);
  while (width > 1 && linesAt(width - 1).length === length) width -= 1;
  return linesAt(width);
}

/**
 * Scales the points, because the image library would stretch the strokes with them. figure.mjs
 * draws lines only: M, L, l, h and v.
 */
function scaled({ viewBox, drawing }: Figure, width: number, height: number): string {
  const [, , across = 1, down = 1] = viewBox.split(" ").map(Number);
  const x = (value: string) => (Number(value) * width) / across;
  const y = (value: string) => (Number(value) * height) / down;
  const point = /h([-\d.]+)|v([-\d.]+)|(-?[\d.]+) ?(-?[\d.]+)/g;
  return drawing.replace(/(?<= d=")[^"]+/g, (path) =>
    path.replace(point, (_point, across?: string, down?: string, toX = "", toY = "") =>
      across ? `h${x(across)}` : down ? `v${y(down)}` : `${x(toX)} ${y(toY)}`,
    ),
  );
}

/** Replaces the custom properties of the site, which the image library does not know. */
const inLightColours = (drawing: string): string =>
  Object.entries(colours.light).reduce(
    (text, [name, colour]) =>
      text.replaceAll(`var(--${name.replace(/[A-Z]/g, "-$&").toLowerCase()})`, colour),
    drawing,
  );
