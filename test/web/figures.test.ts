// The figures of articles: drawn by scripts, part of the page, where they take its colours and type,
// and images elsewhere.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { colours } from "../../src/colours.ts";
import { buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, pageOf } from "../support/html.ts";

const slug = "retries-multiply";
const articles = (name: string) => path.resolve(import.meta.dirname, "../../articles", name);
const examples = articles("examples");
const scripts = readdirSync(examples)
  .map((slug) => `${slug}/figure.mjs`)
  .filter((name) => existsSync(path.join(examples, name)));
const accent = colours.light.accent;
let before: Awaited<ReturnType<typeof look>>;
beforeAll(async () => {
  before = await look();
});

/**
 * Returns the page of an article with figures, and the paths and contents of their files in the
 * feed.
 */
async function look() {
  const names = [
    "authors.yaml",
    `${slug}.md`,
    ...readdirSync(articles("images"))
      .filter((name) => name.endsWith(".svg"))
      .map((name) => `images/${name}`),
  ];
  const site = await buildSiteOf(
    Object.fromEntries(names.map((name) => [name, readFileSync(articles(name))])),
  );
  const page = pageOf(await site.get(`/articles/${slug}`));
  const feed = (await site.get("/feed.atom")).text;
  const paths = Array.from(
    feed.matchAll(new RegExp(`src=&#34;http://localhost:3000(/images/images/${slug}[^&]+)`, "g")),
    ([, path = ""]) => path,
  );
  const files: string[] = [];
  for (const path of paths) {
    const { status, type, body } = await site.get(path);
    expect([path, status, type]).toEqual([path, 200, "image/svg+xml"]);
    files.push(String(body));
  }
  const source = (await site.get(`/articles/${slug}.md`)).text;
  await site.close();
  return { page, paths, files, source };
}

test("figures are part of the page, and their alternative texts are their labels", () => {
  const { page, source } = before;
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

test("feeds show figures as images with the colours of both schemes", () => {
  const { files } = before;
  expect(files).toHaveLength(2);
  for (const file of files) {
    expect(file).toContain(`:root{--accent:${accent};`);
    expect(file).toContain(`{:root{--accent:${colours.dark.accent};`);
    expect(file).toContain("@media (min-width: 480px) { .figure text");
    expect(file).not.toContain("@container");
  }
});

test("a changed colour changes the figures, and the URLs of their files", async () => {
  colours.light.accent = "#00aabb";
  const after = await look();
  colours.light.accent = accent;
  for (const [index, file] of after.files.entries()) {
    expect(file).toBe(before.files[index]?.replace(accent, "#00aabb"));
    expect(after.paths[index]).not.toBe(before.paths[index]);
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

test("each figure is drawn by a script", () => {
  const drawn = scripts.map((script) => readFileSync(path.join(examples, script), "utf8")).join();
  const names = readdirSync(articles("images"), { recursive: true, encoding: "utf8" });
  const images = names.filter((name) => name.endsWith(".svg"));
  expect(images.length).toBeGreaterThan(0);
  expect(
    images.filter((name) => !drawn.includes(`"${name.replace(/^small\/(.*)\.svg$/, "$1")}"`)),
  ).toEqual([]);
});
