// `npm run images`: draws the sharing images that are missing or have old words, of articles and of
// the site, and deletes those that nothing shows any more.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { loadArticles } from "../articles/load.ts";
import {
  articleImages,
  missingIn,
  siteImage,
  type SharingImage,
} from "../articles/sharing-image.ts";
import { colours } from "../colours.ts";
import { OperatorError } from "../operator-error.ts";
import { staticDir } from "../web/assets.ts";
import { explain, readConfig } from "../startup.ts";

const fontFiles = ["regular", "bold"].map((weight) =>
  path.join(staticDir, `fonts/schibsted-${weight}.ttf`),
);
const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: "Schibsted Grotesk" };
const background = colours.light.ground;
const rightMargin = 1_140; // in pixels

export function wantedImages(articlesDir: string): Map<string, SharingImage[]> {
  const snapshot = loadArticles(articlesDir);
  const files = snapshot.chosen?.curves.files ?? [];
  const figures = files.flatMap((file) => snapshot.images.get(file)?.figure ?? []);
  return new Map([
    [path.join(articlesDir, "sharing"), articleImages(snapshot)],
    [path.join(staticDir, "images/sharing"), [siteImage(figures)]],
  ]);
}

/**
 * Draws the images that are missing, and returns their files. Throws an OperatorError and writes
 * nothing if an image cannot show its words.
 */
export function drawMissing(dir: string, wanted: SharingImage[]): string[] {
  const missing = missingIn(dir, wanted);
  const errors = missing.flatMap(errorsIn);
  if (errors.length > 0) throw new OperatorError(errors.join("\n"));
  mkdirSync(dir, { recursive: true });
  for (const { file, svg } of missing)
    writeFileSync(path.join(dir, file), new Resvg(svg, { font, background }).render().asPng());
  for (const name of readdirSync(dir))
    if (!wanted.some(({ file }) => file === name)) rmSync(path.join(dir, name));
  return missing.map(({ file }) => file);
}

function errorsIn({ file, svg }: SharingImage): string[] {
  const measure = (svg: string) => new Resvg(svg, { font }).getBBox();
  const [words = "", foot = "592"] = svg.split(/<g transform="translate\(0 (\d+)|<\/svg>/);
  const errors = [...new Set(words.match(/[^\x00-\xa0]/gu))]
    .filter(
      (letter) => !measure(`<svg xmlns="http://www.w3.org/2000/svg"><text>${letter}</text></svg>`),
    )
    .map((letter) => `${file}: the font has no "${letter}", use other words`);
  const { x = 0, y = 0, width = 0, height = 0 } = measure(`${words}</svg>`) ?? {};
  if (y + height > Number(foot) - 12 || x + width > rightMargin)
    errors.push(`${file}: the words are too long for the image`);
  return errors;
}

if (import.meta.main)
  try {
    for (const [dir, wanted] of wantedImages(readConfig(process.env).articlesDir))
      for (const file of drawMissing(dir, wanted)) console.log(path.join(dir, file));
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
