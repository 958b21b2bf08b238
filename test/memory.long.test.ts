// The memory of the process while every public address of 500 articles is requested. The systemd
// unit ends a process above 512 MB.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { memory } from "./support/memory.ts";
import { megabytesOf, startProcess } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

const count = 500;
const maxMegabytes = 400;
const atOnce = 20;

/** The texts of the articles of this repository, without images. */
const texts = readdirSync("articles")
  .filter((name) => name.endsWith(".md"))
  .map((name) => readFileSync(path.join("articles", name), "utf8"))
  .map((file) =>
    file
      .split(/^---$/m)
      .slice(2)
      .join("---")
      .replace(/^!\[.*$/gm, ""),
  );

test("every public address of 500 articles, requested twice, 20 at once, takes at most 400 MB", async () => {
  const slugs = Array.from({ length: count }, (_, index) => `article-${index}`);
  const files = slugs.map((slug, index): [string, string] => [
    `${slug}.md`,
    articleFile(
      { title: `About ${slug} and what follows`, topics: "[Java]" },
      `${texts[index % texts.length]}\n${slug}\n`,
    ),
  ]);
  const articles = await articlesFolder(Object.fromEntries(files));
  const data = await temporaryFolder(memory);
  const site = await startProcess({
    DATA_DIR: path.join(data.dir, "data"),
    ARTICLES_DIR: articles.dir,
    // Half of MemoryMax in the systemd unit, which is what V8 would take as the limit of its heap.
    NODE_OPTIONS: "--max-old-space-size=256",
  });
  const sitemap = await (await fetch(`${site.origin}/sitemap.xml`)).text();
  const indexed = Array.from(sitemap.matchAll(/<loc>([^<]+)/g), ([, url = ""]) => new URL(url));
  const others = slugs.flatMap((slug) => [`/articles/${slug}.md`, `/og/${slug}.png`]);
  const lists = Array.from({ length: count / 20 }, (_, index) => `/articles?page=${index + 2}`);
  const feeds = ["/feed.atom", "/topics/java/feed.atom", "/sitemap.xml", "/llms.txt"];
  const addresses = [...indexed.map(({ pathname }) => pathname), ...others, ...lists, ...feeds];
  expect(addresses.length).toBeGreaterThan(3 * count);

  const waiting = [...addresses, ...addresses].values();
  const failed: string[] = [];
  const get = async (address: string): Promise<number> => {
    const response = await fetch(site.origin + address);
    await response.arrayBuffer();
    return response.status;
  };
  const visitor = async () => {
    for (const address of waiting) {
      // On a busy machine 20 images take longer than the 15 s of a silent connection.
      let status: number | undefined;
      for (let attempt = 1; !status && attempt <= 20; attempt += 1)
        status = await get(address).catch(() => undefined);
      if (!status || status >= 500) failed.push(address);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, visitor));
  } finally {
    const peak = megabytesOf(site.child, "VmHWM");
    process.stderr.write(`${addresses.length} addresses twice: at most ${peak} MB\n`);
    site.child.kill("SIGTERM");
    expect(await site.exit).toBe(0);
    expect(peak).toBeLessThanOrEqual(maxMegabytes);
    await articles.remove();
    await data.remove();
  }
  expect(failed).toEqual([]);
}, 600_000);
