// The images that other sites show beside a link: of an article what it found, its title if that
// says something else, and its figure. `npm run images` draws them as PNG.

import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import type { Article } from "./article.ts";
import type { ArticleImage, Snapshot } from "./load.ts";

/** The name of the file has a hash of the drawing, so that one with old words is not found. */
export type SharingImage = { file: string; svg: string };
type Block = { text: string; size: number; isBold?: boolean; tone?: "ink" | "quiet" | "hot" };
type Figure = NonNullable<ArticleImage["figure"]>;

const textWidth = 1_056; // pixels between the margins
export const figuresTop = 474;
const letterWidth = 0.5; // the mean, as a multiple of the font size

export function articleImage(article: Article, figure?: Figure): SharingImage {
  const { slug, finding, author } = article;
  const [title = ""] = article.title.split(" — ");
  const repeats = finding?.symptom.toLowerCase().startsWith(title.toLowerCase());
  const blocks: Block[] = finding?.number
    ? [
        { text: finding.number, size: 104, isBold: true, tone: "hot" },
        { text: finding.unit ?? "", size: 28 },
        { text: finding.symptom, size: 46, isBold: true, tone: "ink" },
        { text: repeats ? "" : title, size: 25 },
      ]
    : [
        { text: finding?.symptom ?? title, size: 66, isBold: true, tone: "ink" },
        { text: finding && !repeats ? title : "", size: 30 },
        { text: `by ${author.name}`, size: 26 },
      ];
  return sharingImage(slug, blocks, figure ? [figure] : []);
}

/** The site's own, of every other page. */
export function siteImage(figures: Figure[]): SharingImage {
  const blocks: Block[] = [
    { text: "Backend systems that stay quiet.", size: 84, isBold: true, tone: "ink" },
    { text: company.tagline, size: 32 },
  ];
  return sharingImage("home", blocks, figures);
}

export const articleImages = ({ articles, images }: Snapshot): SharingImage[] =>
  articles
    .filter(({ draft }) => !draft)
    .map((article) =>
      articleImage(article, images.get(`images/small/${article.slug}.svg`)?.figure),
    );

/** The images that are not in a folder, or have old words there. */
export const missingIn = (dir: string, images: SharingImage[]): SharingImage[] =>
  images.filter(({ file }) => !existsSync(path.join(dir, file)));

/** Places the blocks below each other, and the figures across the foot. */
function sharingImage(name: string, blocks: Block[], figures: Figure[]): SharingImage {
  const lines = layOut(
    blocks.filter(({ text }) => text),
    figures.length > 0 ? 0 : 570,
  );
  const height = Math.round((630 - figuresTop) / figures.length);
  const strips = figures.map((figure, index) => ({
    y: figuresTop + index * height,
    drawing: scaled(figure, 1_200, height - 24),
  }));
  const data = { lines, strips, company, colours };
  const svg = inLightColours(view("machines/sharing-image.svg")(data));
  return { file: `${name}-${hash("sha256", svg).slice(0, 10)}.png`, svg };
}

/** Each line with its baseline. The last one ends at `bottom` if there is room. */
function layOut(blocks: Block[], bottom: number) {
  let y = 112;
  const lines = blocks.flatMap(({ text, size, isBold = false, tone = "quiet" }) => {
    y += size * 0.3 + 8;
    return wrap(text.split(" "), textWidth / (size * letterWidth)).map((line) => {
      y += size * 1.08;
      return { text: line, size, isBold, tone, y: Math.round(y - size * 0.2) };
    });
  });
  const shift = Math.max(0, Math.round(bottom - y));
  return lines.map((line) => ({ ...line, y: line.y + shift }));
}
/** Wraps words into as few lines as possible, of at most `width` characters and similar lengths. */
function wrap(words: string[], width: number): string[] {
  const linesAt = (width: number) => {
    const lines: string[] = [];
    for (const word of words) {
      const longer = `${lines.at(-1)} ${word}`;
      if (lines.length === 0 || longer.length > width) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  };
  const { length } = linesAt(width);
  while (width > 1 && linesAt(width - 1).length === length) width -= 1;
  return linesAt(width);
}

/** Scales the points, because the image library would stretch the strokes with them. */
function scaled({ viewBox, drawing }: Figure, width: number, height: number): string {
  const [, , across = 1, down = 1] = viewBox.split(" ").map(Number);
  return drawing.replace(/ d="([^"]+)"/g, (_attribute, path: string) => {
    let axes = "xy";
    let place = 0;
    const points = path.replace(/([a-z])|-?[\d.]+/gi, (token, command?: string) => {
      if (command) {
        axes = { h: "x", v: "y" }[command.toLowerCase()] ?? "xy";
        place = 0;
        return command;
      }
      const ratio = axes[place++ % axes.length] === "x" ? width / across : height / down;
      return ` ${Number(token) * ratio}`;
    });
    return ` d="${points}"`;
  });
}

/** Replaces the custom properties of the site, which the image library does not know. */
const inLightColours = (drawing: string): string =>
  Object.entries(colours.light).reduce(
    (text, [name, colour]) =>
      text.replaceAll(`var(--${name.replace(/[A-Z]/g, "-$&").toLowerCase()})`, colour),
    drawing,
  );
