// Colours are written in static/css/site.css only. Everything else reads them from there.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import request from "supertest";
import { parseColours, readColours } from "../src/colours.ts";
import { sharingImageSvg } from "../src/web/sharing-images.ts";
import { drawIcons } from "../static/images/icons.ts";
import { elementsNamed } from "./support/html.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite, tuesday } from "./support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");
const sheet = read("static/css/site.css");

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
  const exceptions = [
    "views/dev/articles/", // sample articles: authors draw images in colours of their own
  ];

  test("in src/ or views/", () => {
    const files = ["src", "views"]
      .flatMap((folder) =>
        readdirSync(path.join(projectDir, folder), { recursive: true, encoding: "utf8" }).map(
          (name) => `${folder}/${name}`,
        ),
      )
      .filter(
        (name) =>
          path.extname(name) !== "" && !exceptions.some((exception) => name.startsWith(exception)),
      );
    expect(files.length).toBeGreaterThan(80);
    expect(files.flatMap((name) => coloursIn(name, read(name)))).toEqual([]);
  });

  test("in static/css/site.css outside a token", () => {
    const tokensRemoved = sheet.replace(/--[\w-]+:[^;}]*/g, "");
    expect(coloursIn("static/css/site.css", tokensRemoved)).toEqual([]);
  });

  test("and the pattern matches colours, but neither entities nor fragments", () => {
    const text =
      'fill="#12201c"\ncolor:#FFF; background: rgb(0 0 0)\n<a href="#page-offices">&#039;</a>';
    expect(coloursIn("file", text)).toEqual(["file:1: #12201c", "file:2: #FFF", "file:2: rgb("]);
  });
});

describe("the colours of a style sheet", () => {
  const example = `
    :root { --accent: #111111; --bar: #222222; --bar-text: #000000; --button: var(--ink); --button-text: var(--ground); --ground: #eeeeee;
      --hot: #ff0000; --ink: #333333; --line: #444444; --mail-ground: #ffffff; /* --ink: #999999; */ --quiet: #555555; }
    @media (prefers-color-scheme: dark) { :root { --ink: #dddddd; --accent: #cccccc } }
    @media print { :root { --ink: #000000; } }`;

  test("are those of each scheme, not of comments or of print", () => {
    const { light, dark } = parseColours(example);
    expect(light).toMatchObject({ accent: "#111111", ink: "#333333" });
    expect(dark).toMatchObject({ accent: "#cccccc", ink: "#dddddd" });
  });

  test("follow a reference to another token within the scheme", () => {
    const { light, dark } = parseColours(example);
    expect(light.button).toBe("#333333");
    expect(dark.button).toBe("#dddddd");
  });

  test("in the dark scheme are those of the light scheme where it sets none", () => {
    expect(parseColours(example).dark.bar).toBe("#222222");
  });

  test.each([
    ["is missing", "--quiet: #555555;", "", "--quiet of the light scheme is missing"],
    [
      "has a colour's name",
      "--accent: #cccccc",
      "--accent: teal",
      "--accent of the dark scheme is teal, not a colour",
    ],
    [
      "has three digits",
      "--bar: #222222",
      "--bar: #222",
      "--bar of the light scheme is #222, not a colour",
    ],
    [
      "refers to a token that is missing",
      "var(--ground)",
      "var(--paper)",
      "--paper of the light scheme is missing",
    ],
    [
      "refers to itself through another token",
      "--ink: #333333",
      "--ink: var(--button)",
      "--ink of the light scheme is var(--button), not a colour",
    ],
  ])(
    "are refused, with the token's name, when a token %s",
    (_problem, found, replacement, message) => {
      expect(() => parseColours(example.replace(found, replacement))).toThrow(
        `static/css/site.css: ${message}`,
      );
    },
  );
});

describe("a changed token changes", () => {
  const lightTeal = "#00aabb";
  const darkTeal = "#00ccdd";

  /** The colours of the sheet after `token` was set to one value in the light scheme and to another in the dark one. */
  function coloursWith(token: string) {
    const values = [lightTeal, darkTeal];
    const changed = sheet.replace(
      new RegExp(`(?<=^ +${token}: )[^;]+`, "gm"),
      () => values.shift() ?? "none",
    );
    expect(values).toEqual([]);
    return parseColours(changed);
  }

  async function siteWith(token: string) {
    return buildTestSite({ dependencies: { colours: coloursWith(token) } });
  }

  test.each(["--accent", "--button"])("the staff mail: %s", async (token) => {
    const site = await siteWith(token);
    await postForm(site);
    await site.delivery.deliverDue();
    await site.close();
    const [mail] = site.mailbox;
    expect(mail?.html).toContain(lightTeal);
    expect(mail?.html).toContain(`${darkTeal}!important`);
  });

  test("theme-color", async () => {
    const site = await siteWith("--ground");
    const { text } = await request(site.server).get("/");
    await site.close();
    const metas = elementsNamed(text, "meta").filter(
      ({ attributes }) => attributes["name"] === "theme-color",
    );
    expect(metas.map(({ attributes }) => attributes["content"])).toEqual([lightTeal, darkTeal]);
  });

  test("the sharing image", async () => {
    const site = await buildTestSite();
    const svgs = site.library
      .list(tuesday)
      .map((article) => sharingImageSvg(article, coloursWith("--ground")));
    await site.close();
    expect(svgs[0]).toContain(`<rect width="1200" height="630" fill="${lightTeal}"/>`);
  });

  test("the mark, in both schemes", () => {
    const mark = drawIcons(coloursWith("--ink"))["mark.svg"]?.toString();
    expect(mark).toContain(`path { fill: ${lightTeal} }`);
    expect(mark).toContain(`path { fill: ${darkTeal} }`);
  });
});

test.each(Object.entries(drawIcons(readColours())))(
  "static/images/%s has the colours of the style sheet",
  (name, content) => {
    const isCurrent = readFileSync(path.join(projectDir, "static/images", name)).equals(content);
    if (!isCurrent) throw new Error(`static/images/${name} is not up to date: run npm run icons`);
  },
);
