// Colours are written in src/colours.ts only. Everything else takes them from there.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { drawImages } from "../static/images/icons.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

const colour =
  /(?<![\w&])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(/gi;

/** The colours in a text, each with its file and line. */
function coloursIn(name: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      (line.match(colour) ?? []).map((found) => `${name}:${index + 1}: ${found}`),
    );
}

test("no colour is written in the source, views, style sheets or figures of articles, except in src/colours.ts and for print", () => {
  const files = ["src", "views", "static/css", "articles/images"]
    .flatMap((folder) =>
      readdirSync(path.join(projectDir, folder), { recursive: true, encoding: "utf8" }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((name) => path.extname(name) !== "" && name !== "src/colours.ts");
  expect(files.length).toBeGreaterThan(80);
  const onScreens = (text: string) => text.replace(/@media print \{[\s\S]*/, "");
  expect(files.flatMap((name) => coloursIn(name, onScreens(read(name))))).toEqual([]);
});

test("the images have the colours of src/colours.ts", async () => {
  for (const [name, image] of Object.entries(drawImages())) {
    const stored = readFileSync(path.join(projectDir, "static/images", name));
    if (!stored.equals(image))
      throw new Error(`static/images/${name} is not up to date: run npm run icons`);
  }
});
