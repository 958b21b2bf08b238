// Draws sharing images, which other sites show beside a link: of an article what it found, its
// title and its figure, of a page its title and description.

import { once } from "node:events";
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { Article } from "../articles/article.ts";
import type { Library } from "../articles/library.ts";
import { bodyFacts } from "../articles/body-facts.ts";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { staticDir } from "./assets.ts";
import type { FixedPage } from "./pages.ts";

/** One or more lines of text. */
type Block = { text: string; size: number; isBold?: boolean; tone?: "ink" | "quiet" | "hot" };
type Figure = NonNullable<ReturnType<Library["figure"]>>;

const size = { width: 1_200, height: 630 };
const textWidth = 1_056; // pixels between the margins
const figuresTop = 462;
/** The mean width of a letter as a multiple of the font size. */
const letterWidth = { regular: 0.5, bold: 0.53 };

/** The next drawing waits for this one. It takes 40 ms in a thread. */
let lastDrawing: Promise<unknown> = Promise.resolve();

/** Returns the sharing image of an article as PNG. One image is drawn at a time. */
export function articleImage(article: Article, figure?: Figure): Promise<Buffer> {
  const { title, finding, author } = article;
  const { readingMinutes } = bodyFacts(article).outline;
  const byline: Block = { text: `by ${author.name} · ${readingMinutes} min read`, size: 26 };
  const blocks: Block[] = finding?.number
    ? [
        { text: finding.number, size: 104, isBold: true, tone: "hot" },
        { text: finding.unit ?? "", size: 28 },
        { text: finding.symptom, size: 46, isBold: true, tone: "ink" },
        { text: title, size: 25 },
      ]
    : [
        { text: finding?.symptom ?? title, size: 66, isBold: true, tone: "ink" },
        ...(finding ? [{ text: title, size: 30 }] : []),
        byline,
      ];
  return drawInTurn(blocks, figure ? [figure] : []);
}

/** Returns the sharing image of a fixed page as PNG. */
export function pageImage(page: FixedPage, figures: Figure[]): Promise<Buffer> {
  const { slogan, title, description } = page;
  const hasFigures = figures.length > 0;
  const blocks: Block[] = [
    { text: slogan ?? title, size: hasFigures ? 84 : 92, isBold: true, tone: "ink" },
    { text: hasFigures ? company.tagline : description, size: 32 },
  ];
  return drawInTurn(blocks, figures);
}

function drawInTurn(blocks: Block[], figures: Figure[]): Promise<Buffer> {
  const draw = () => drawSharingImage(blocks, figures);
  const drawing = lastDrawing.then(draw, draw);
  lastDrawing = drawing;
  return drawing;
}

/** Draws the blocks below each other, and the figures across the foot. */
async function drawSharingImage(blocks: Block[], figures: Figure[]): Promise<Buffer> {
  const fontFiles = ["regular", "bold"].map((weight) =>
    path.join(staticDir, `fonts/schibsted-${weight}.ttf`),
  );
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" };
  const height = (size.height - figuresTop) / figures.length;
  const drawn = figures.map(({ viewBox, drawing }, index) => {
    const [, , ownWidth = 1, ownHeight = 1] = viewBox.split(" ").map(Number);
    const stretched = stretch(drawing, size.width / ownWidth, (height - 24) / ownHeight);
    return { y: figuresTop + index * height, drawing: inLightColours(stretched) };
  });
  const svg = view("machines/sharing-image.svg")({
    lines: linesOf(blocks),
    figures: drawn,
    company,
    colours,
  });
  // The end of the thread frees the image. The library has no function for it, and V8 does not
  // count its 3 MB (https://github.com/thx/resvg-js/pull/393): a hundred waited for a collection.
  const workerData = { svg, options: { font } };
  const file = new URL("./draw-image.ts", import.meta.url);
  const thread = new Worker(file, { workerData, execArgv: [] });
  const [[png]] = await Promise.all([once(thread, "message"), once(thread, "exit")]);
  return Buffer.from(png as ArrayBuffer);
}

/** Returns each line with its baseline. */
function linesOf(blocks: Block[]) {
  let bottom = 118;
  return blocks.flatMap(({ text, size, isBold = false, tone = "quiet" }) => {
    const words = text.replaceAll(" — ", "\u00a0— ").split(" "); // no line begins with a dash
    bottom += size * 0.3 + 8;
    const lettersInLine = textWidth / (size * letterWidth[isBold ? "bold" : "regular"]);
    return wrap(words, lettersInLine).map((line) => {
      bottom += size * 1.08;
      return { text: line, size, isBold, tone, y: Math.round(bottom - size * 0.2) };
    });
  });
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

/** Scales the paths of a small figure. A transform would also scale the width of its lines. */
function stretch(drawing: string, x: number, y: number): string {
  const scalePath = (d: string) =>
    d.replace(/([MLlhv])([^A-Za-z]*)/g, (_step, command: string, numbers: string) => {
      const scaled = (numbers.match(/-?[\d.]+/g) ?? []).map((number, index) => {
        const isX = command === "h" || (command !== "v" && index % 2 === 0);
        return Number((Number(number) * (isX ? x : y)).toFixed(1));
      });
      return command + scaled.join(" ");
    });
  return drawing.replace(/ d="([^"]*)"/g, (_attribute, d: string) => ` d="${scalePath(d)}"`);
}

/** Replaces the custom properties of the site, which the image library does not know. */
const inLightColours = (drawing: string): string =>
  Object.entries(colours.light).reduce(
    (text, [name, colour]) =>
      text.replaceAll(`var(--${name.replace(/[A-Z]/g, "-$&").toLowerCase()})`, colour),
    drawing,
  );
