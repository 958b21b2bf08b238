// The memory of the process while every public address of 500 articles, with the images and the
// examples of ours, is requested twice, 20 at once. The systemd unit ends a process above 512 MB.

import { globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { megabytesOf, startProcess, unit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

const count = 500;
const maxMegabytes = 400;
const atOnce = 20;

/** The articles of this repository: their slugs, and their texts with images and examples. */
const originals = readdirSync("articles")
  .filter((name) => /^[^_].*\.md$/.test(name))
  .map((name) => path.basename(name, ".md"));
const textOf = (slug: string) =>
  readFileSync(`articles/${slug}.md`, "utf8").split(/^---$/m).slice(2).join("---");
/** Returns the files below a folder of the articles, with other names. */
const copies = (folder: string, target: string): [string, Buffer][] =>
  globSync(`articles/${folder}/**/*.*`).map((file) => [
    file.replace(`articles/${folder}`, target),
    readFileSync(file),
  ]);

test("every address of 500 articles, twice, 20 at once, takes 400 MB", async () => {
  const slugs = Array.from({ length: count }, (_, index) => `article-${index}`);
  const files = slugs.flatMap((slug, index): [string, string | Buffer][] => {
    const original = originals[index % originals.length] ?? "";
    const text = `${textOf(original).replaceAll(`examples/${original}/`, `examples/${slug}/`)}\n${slug}\n`;
    const front = { title: `About ${slug} and what follows`, topics: "[Java]" };
    const examples = copies(`examples/${original}`, `examples/${slug}`);
    return [[`${slug}.md`, articleFile(front, text)], ...examples];
  });
  files.push(...copies("images", "images"));
  const articles = await articlesFolder(Object.fromEntries(files));
  const { dir } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir, ARTICLES_DIR: articles.dir, ...unit.heap });
  const sitemap = await (await fetch(`${site.origin}/sitemap.xml`)).text();
  const indexed = Array.from(sitemap.matchAll(/<loc>([^<]+)/g), ([, url = ""]) => new URL(url));
  const addresses = [
    ...indexed.map(({ pathname }) => pathname),
    ...slugs.flatMap((slug) => [`/articles/${slug}.md`, `/og/${slug}.png`]),
    ...files.flatMap(([name]) =>
      name.startsWith("examples/")
        ? name.replace(/^examples(\/[^/]+)/, "/articles$1/examples")
        : [],
    ),
    ...Array.from({ length: count / 20 }, (_, index) => `/articles?page=${index + 2}`),
    "/feed.atom",
    "/topics/java/feed.atom",
    "/sitemap.xml",
    "/llms.txt",
  ];
  expect(addresses.length).toBeGreaterThan(3 * count);

  const waiting = [...addresses, ...addresses].values();
  const failed: string[] = [];
  const visitor = async () => {
    for (const address of waiting) {
      const response = await fetch(site.origin + address);
      await response.arrayBuffer();
      if (response.status >= 500) failed.push(address);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, visitor));
  const peak = megabytesOf(site.child, "VmHWM");
  process.stderr.write(`${addresses.length} addresses twice: at most ${peak} MB\n`);
  expect(failed).toEqual([]);
  expect(peak).toBeLessThanOrEqual(maxMegabytes);
  expect(await site.stop()).toBe(0);
}, 600_000);
