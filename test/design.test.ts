// What docs/design.md promises and a number can hold: contrast of the colours, letters in the fonts,
// and that colours are written in src/colours.ts only.

import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { colours, paper } from "../src/colours.ts";
import { drawImages } from "../static/images/icons.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

/** How bright a colour is, from 0 to 1 (WCAG 2.2, relative luminance). */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

describe.each(Object.entries({ ...colours, paper }))(
  "contrast in the %s scheme",
  (_name, scheme: Record<string, string>) => {
    test.each([
      ["text, hints and links on the page", 7, ["ink", "quiet", "accent"], ["ground", "field"]],
      ["what is typed into a field", 7, ["ink"], ["field"]],
      ["code, its comments and its strings", 7, ["ink", "quiet", "accent"], ["code"]],
      ["lines that a diff removes", 4.5, ["hot"], ["code"]],
      ["the summary of errors", 7, ["ink"], ["hotGround"]],
      ["errors", 4.5, ["hot"], ["ground", "field", "hotGround"]],
      ["the edge of a field", 3, ["edge"], ["ground", "field"]],
      ["bars of time", 3, ["bar"], ["ground"]],
      ["the label of a button, also under the pointer", 7, ["ground"], ["ink", "accent"]],
      ["text and quiet text of the band", 7, ["bandInk", "bandQuiet"], ["band"]],
      ["the words inside a bar of time", 4.5, ["barText"], ["bar"]],
    ])("%s: %d or more", (_what, least, foregrounds, grounds) => {
      for (const foreground of foregrounds)
        for (const ground of grounds) {
          const ratio = contrast(scheme[foreground] ?? "", scheme[ground] ?? "");
          expect([foreground, ground, ratio >= least]).toEqual([foreground, ground, true]);
        }
    });
  },
);

const filesIn = (...patterns: string[]) => globSync(patterns, { cwd: projectDir });

test("every character outside of code is in the fonts", () => {
  const characters = read("static/fonts/characters.txt");
  const files = filesIn("views/**/*.{ejs,yaml}", "articles/*.{md,yaml}");
  const withoutCode = (text: string) =>
    text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/(`+)[^`]+\1/g, "");
  const missing = [...files, "src/company.ts", "src/inquiries/form.ts"].flatMap((name) =>
    [...new Set(name.endsWith(".md") ? withoutCode(read(name)) : read(name))]
      .filter((character) => !characters.includes(character))
      .map((character) => `${name}: ${character}`),
  );
  expect(files.length).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});

test("only src/colours.ts and the rules for print have a colour", () => {
  const colour =
    /(?<![\w&])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(/gi;
  const files = filesIn("{src,views,static/css,articles/images}/**/*.*");
  expect(files.length).toBeGreaterThan(80);
  const found = files
    .filter((name) => name !== "src/colours.ts")
    .flatMap((name) => {
      const onScreens = read(name).replace(/@media print \{[\s\S]*/, "");
      return (onScreens.match(colour) ?? []).map((one) => `${name}: ${one}`);
    });
  expect(found).toEqual([]);
});

test("the images have the colours of src/colours.ts", async () => {
  for (const [name, image] of Object.entries(drawImages())) {
    const stored = readFileSync(path.join(projectDir, "static/images", name));
    if (!stored.equals(image))
      throw new Error(`static/images/${name} is not up to date: run npm run icons`);
  }
});
