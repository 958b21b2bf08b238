// Colours are written in src/colours.ts only. Everything else takes them from there.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import request from "supertest";
import { colours } from "../src/colours.ts";
import { drawImages } from "../static/images/icons.ts";
import { elementsNamed, inlineStyleOf } from "./support/html.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite } from "./support/site.ts";

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

describe("no colour is written", () => {
  test("in the source, views, style sheets or figures of articles, except in src/colours.ts and for print", () => {
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

  test("and the pattern matches colours, but neither entities nor fragments", () => {
    const text =
      'fill="#12201c"\ncolor:#FFF; background: rgb(0 0 0)\n<a href="#page-offices">&#039;</a>';
    expect(coloursIn("file", text)).toEqual(["file:1: #12201c", "file:2: #FFF", "file:2: rgb("]);
  });
});

describe("the colours", () => {
  const original = structuredClone(colours);
  let current: Awaited<ReturnType<typeof drawImages>>;
  beforeAll(async () => {
    current = await drawImages();
    for (const name of ["accent", "ground", "ink"] as const) {
      colours.light[name] = "#00aabb";
      colours.dark[name] = "#00ccdd";
    }
  });
  afterAll(() => {
    Object.assign(colours.light, original.light);
    Object.assign(colours.dark, original.dark);
  });

  test("are those of every page and of the staff mail, in both schemes", async () => {
    const site = await buildTestSite();
    const { text } = await request(site.server).get("/");
    await postForm(site);
    await site.delivery.deliverDue();
    await site.close();
    expect(inlineStyleOf(text)).toMatch(
      /^:root\{--accent:#00aabb;.*@media\(prefers-color-scheme:dark\)\{:root\{--accent:#00ccdd;/,
    );
    const metas = elementsNamed(text, "meta").map(({ attributes }) => attributes);
    const themes = metas.filter(({ name }) => name === "theme-color");
    expect(themes.map(({ content }) => content)).toEqual(["#00aabb", "#00ccdd"]);
    const html = site.mailbox[0]?.html ?? "";
    expect(html).toContain("#00ccdd!important");
    expect(html).not.toContain(original.light.accent);
    expect(html).not.toContain(original.light.ink);
  });

  test.each(["mark.svg", "favicon.ico", "apple-touch-icon.png", "sharing.png"])(
    "of today are in static/images/%s",
    (name) => {
      const stored = readFileSync(path.join(projectDir, "static/images", name));
      if (!stored.equals(current[name] ?? Buffer.alloc(0)))
        throw new Error(`static/images/${name} is not up to date: run npm run icons`);
    },
  );
});
