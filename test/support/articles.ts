// Folders of articles for tests, and sites that serve them.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildTestSite, temporaryFolder } from "./site.ts";

const description =
  "What the article says, in as many words as the front matter has to give to search engines.";

/** Returns an article file that is public since 1 November 2026, with other front matter from `front` (YAML values). */
export function articleFile(front: Record<string, string> = {}, body = "Hello.\n"): string {
  const keys = { title: "Queues", description, author: "someone", date: "2026-11-01", ...front };
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`);
  return `---\n${lines.join("")}---\n\n${body}`;
}

/** Writes files into a new folder. `authors.yaml` is added unless it is given. */
export async function articlesFolder(files: Record<string, string | Buffer>) {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder.dir, "images"));
  const all = { "authors.yaml": "someone:\n  name: Some One\n  role: Engineer\n", ...files };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(folder.dir, name)), { recursive: true });
    await writeFile(path.join(folder.dir, name), content);
  }
  return folder;
}

/** Builds the site over these files. Closing it removes `articlesDir`. */
export async function buildSiteOf(
  files: Record<string, string | Buffer>,
  options: Parameters<typeof buildTestSite>[0] = {},
) {
  const { dir, remove } = await articlesFolder(files);
  const site = await buildTestSite({ ...options, env: { ARTICLES_DIR: dir, ...options.env } });
  return {
    ...site,
    articlesDir: dir,
    async close(): Promise<void> {
      await site.close();
      await remove();
    },
  };
}
