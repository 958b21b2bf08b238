// The figures of articles: drawn by scripts, part of the page, where they take its colours and type,
// and images elsewhere.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { colours } from "../../src/colours.ts";
import { hashedName } from "../../src/urls.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, pageOf } from "../support/html.ts";

const slug = "retries-multiply";
const articles = (name: string) => path.resolve(import.meta.dirname, "../../articles", name);
const examples = articles("examples");
const scripts = readdirSync(examples)
  .map((slug) => `${slug}/figure.mjs`)
  .filter((name) => existsSync(path.join(examples, name)));

const names = [
  "authors.yaml",
  `${slug}.md`,
  ...readdirSync(articles("images"))
    .filter((name) => name.endsWith(".svg"))
    .map((name) => `images/${name}`),
];
const site = await buildSiteOf({
  ...Object.fromEntries(names.map((name) => [name, readFileSync(articles(name))])),
  "sentence.md": articleFile(
    { author: "clean-systems" },
    `In ![a sentence](${names.at(-1)}) of words.\n`,
  ),
});

test("figures are part of the page, labelled by their alternative texts", async () => {
  const page = pageOf(await site.get(`/articles/${slug}`));
  const source = (await site.get(`/articles/${slug}.md`)).text;
  const figures = elementsNamed(page, "svg").filter(
    ({ attributes }) => attributes["role"] === "img",
  );
  expect(figures).toHaveLength(2);
  for (const { attributes } of figures) {
    expect(attributes["class"]).toBe("figure");
    expect(source).toContain(`. ${attributes["aria-label"]}](images/${slug}`);
  }
  expect(page).toContain('fill="var(--hot)"');
  expect(elementsNamed(page, "img")).toEqual([]);
  expect(attributesOf(page, "id").filter((id) => /^[td]$/.test(id))).toEqual([]); // of the files
});

test("a figure inside a sentence is an image", async () => {
  const page = pageOf(await site.get("/articles/sentence"));
  expect(page).toMatch(/<p>In <img [^>]+ alt="a sentence"[^>]*> of words\.<\/p>/);
});

test("feeds show figures as images with the colours of both schemes", async () => {
  const feed = (await site.get("/feed.atom")).text;
  const source = new RegExp(`src=&#34;http://localhost:3000(/images/images/${slug}[^&]+)`, "g");
  const paths = Array.from(feed.matchAll(source), ([, path = ""]) => path);
  expect(paths).toHaveLength(2);
  for (const path of paths) {
    const { type, body } = await site.get(path).expect(200);
    expect([path, type]).toEqual([path, "image/svg+xml"]);
    const file = String(body);
    expect(file).toContain(`:root{--accent:${colours.light.accent};`);
    expect(file).toContain(`{:root{--accent:${colours.dark.accent};`);
    expect(file).toContain("@media (min-width: 480px) { .figure text");
    expect(file).not.toContain("@container");
    const name = path.replace(/^\/images\/|\.\w{10}(?=\.svg$)/g, "");
    expect(path).toBe(`/images/${hashedName(name, Buffer.from(file))}`);
  }
});

test.each(scripts)(
  "%s draws what articles/images/ holds from the stored output",
  async (script) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      path.join(examples, script),
      "--check",
    ]);
    expect(stdout).toMatch(/^(articles\/images\/[\w./-]+\.svg shows the stored output\.\n)+$/);
  },
);
