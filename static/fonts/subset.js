// Makes the files beside it from the npm font packages: only the characters, weights and features that the site uses. `npm run fonts`.

import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import subsetFont from "subset-font";

const root = path.resolve(import.meta.dirname, "../..");
const packages = path.join(root, "node_modules/@fontsource-variable");
const fontsDir = import.meta.dirname;

// Basic Latin, the letters of Danish and its Western neighbours, dashes, quotes, bullets and signs. All of Latin-1 would be 9 KB more.
// Neither face has arrows to the side.
const characters = (await readFile(path.join(import.meta.dirname, "characters.txt"), "utf8")).replaceAll("\n", "");

const faces = [
  {
    out: "schibsted.woff2",
    source: "schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2",
    weights: { min: 400, max: 700 },
  },
  { out: "literata.woff2", source: "literata/files/literata-latin-wght-normal.woff2", weights: { min: 400, max: 700 } },
  { out: "literata-italic.woff2", source: "literata/files/literata-latin-wght-italic.woff2", weights: 400 },
];

async function main() {
  for (const { out, source, weights } of faces) {
    const font = await subsetFont(await readFile(path.join(packages, source)), characters, {
      targetFormat: "woff2",
      variationAxes: { wght: weights },
      noLayoutClosure: true,
    });
    await writeFile(path.join(fontsDir, out), font);
    console.log(`${out}: ${font.length.toLocaleString("en-GB")} bytes`);
  }
  // For drawing sharing images: resvg wants one file for each weight, and cannot read woff2.
  for (const [weight, out] of [[400, "schibsted-regular.ttf"], [700, "schibsted-bold.ttf"]]) {
    const options = { targetFormat: "truetype", variationAxes: { wght: weight }, noLayoutClosure: true };
    await writeFile(path.join(fontsDir, out), await subsetFont(await readFile(path.join(packages, faces[0].source)), characters, options));
  }
  for (const name of ["schibsted-grotesk", "literata"]) {
    await copyFile(path.join(packages, name, "LICENSE"), path.join(fontsDir, `${name}-LICENSE.txt`));
  }
}

if (import.meta.main) await main();
