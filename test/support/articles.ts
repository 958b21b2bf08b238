// Makes the articles of all tests: files, folders, what a check says of them, and sites that serve
// them.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildTestSite, temporaryFolder, tuesday, type TestSite } from "./site.ts";

/** The site of which these are the articles. */
const siteUrl = "https://cleansystems.example";

type Files = Record<string, string | Buffer>;

export const description =
  "What the article says, in as many words as the front matter has to give to search engines.";

/**
 * Returns an article file that is public since 1 November 2026, with other front matter from
 * `front` (YAML values; "" leaves the key out). Line 1 is `---`, lines 2 to 5 are title,
 * description, author and date, then comes a line for each other key, `---`, and the body: line 7
 * without other keys.
 */
export function articleFile(front: Record<string, string> = {}, body = "Hello.\n"): string {
  const keys = { title: "Queues", description, author: "someone", date: "2026-11-01", ...front };
  const lines = Object.entries(keys).map(([key, value]) => (value ? `${key}: ${value}\n` : ""));
  return `---\n${lines.join("")}---\n${body}`;
}

/** Returns an SVG image. */
export const svg = (width = 8, inside = "") =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20">${inside}<path d="M0 0h9v9z"/></svg>`;

/** Writes files into a new folder. `authors.yaml` is added unless it is given. */
export async function articlesFolder(files: Files) {
  const folder = await temporaryFolder();
  const at = (name: string) => path.join(folder.dir, name);
  const save = async (name: string, content: string | Buffer) => {
    await mkdir(path.dirname(at(name)), { recursive: true });
    await writeFile(at(name), content);
  };
  const all = {
    "authors.yaml": "someone:\n  name: Some One\n  role: Engineer\n  bio: Reads logs.\n",
    ...files,
  };
  await mkdir(at("images"));
  for (const [name, content] of Object.entries(all)) await save(name, content);
  return { ...folder, at, save };
}

/** Returns the lines that a check of these files prints, each with the file's name alone. */
export async function check(files: Files): Promise<string[]> {
  // The check isn't imported at the top, because that takes 0.1 s.
  const { checkArticles } = await import("../../src/authoring/check.ts");
  const { loadArticles } = await import("../../src/articles/load.ts");
  const { linkablePaths } = await import("../../src/web/pages.ts");
  const { dir, remove } = await articlesFolder(files);
  const snapshot = loadArticles(dir);
  const errors = checkArticles({ snapshot, siteUrl, paths: linkablePaths(), now: tuesday });
  await remove();
  const folder = path.basename(dir); // a temporary one
  return errors.map(
    ({ file, line, message }) =>
      `${path.basename(file)}:${line}: ${message.replaceAll(folder, "$")}`,
  );
}

/** Builds the site over these files. */
export async function buildSiteOf(
  files: Files,
  options: Parameters<typeof buildTestSite>[0] = {},
): Promise<TestSite> {
  const { dir } = await articlesFolder(files);
  return buildTestSite({ ...options, env: { ARTICLES_DIR: dir, ...options.env } });
}
