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

describe("a changed colour changes", () => {
  const changed = "#00aabb";
  type Name = keyof typeof colours.light;
  const original = structuredClone(colours);
  const change = (name: Name) => {
    colours.light[name] = changed;
    colours.dark[name] = "#00ccdd";
  };
  afterEach(() => {
    Object.assign(colours.light, original.light);
    Object.assign(colours.dark, original.dark);
  });

  test.each<Name>(["accent", "ink"])("the staff mail: %s", async (name) => {
    change(name);
    const site = await buildTestSite();
    await postForm(site);
    await site.delivery.deliverDue();
    await site.close();
    const [mail] = site.mailbox;
    expect(mail?.html).toContain(changed);
    expect(mail?.html).toContain("#00ccdd!important");
  });

  test("every page, in both schemes", async () => {
    change("accent");
    change("ground");
    const site = await buildTestSite();
    const { text } = await request(site.server).get("/");
    await site.close();
    expect(inlineStyleOf(text)).toMatch(
      /^:root\{--accent:#00aabb;.*@media\(prefers-color-scheme:dark\)\{:root\{--accent:#00ccdd;/,
    );
    const metas = elementsNamed(text, "meta").filter(
      ({ attributes }) => attributes["name"] === "theme-color",
    );
    expect(metas.map(({ attributes }) => attributes["content"])).toEqual([changed, "#00ccdd"]);
  });

  test("sharing images and icons", async () => {
    const before = await drawImages();
    change("ground");
    const after = await drawImages();
    for (const name of ["sharing.png", "apple-touch-icon.png"])
      expect([name, after[name]?.equals(before[name] ?? Buffer.alloc(0))]).toEqual([name, false]);
  });
});

test.each(["mark.svg", "favicon.ico", "apple-touch-icon.png", "sharing.png"])(
  "static/images/%s has the colours of src/colours.ts",
  async (name) => {
    const drawn = (await drawImages())[name] ?? Buffer.alloc(0);
    if (!readFileSync(path.join(projectDir, "static/images", name)).equals(drawn))
      throw new Error(`static/images/${name} is not up to date: run npm run icons`);
  },
);
