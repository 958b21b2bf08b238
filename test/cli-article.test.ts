// Tests the author's command: it creates a draft, checks all articles, and prints a draft's private URL.

import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { previewToken } from "../src/articles/article.ts";
import { loadArticles } from "../src/articles/load.ts";
import { article as command } from "../src/cli/article.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { callCommand, runCommand } from "./support/command.ts";

const secret = "a-secret-for-tests-only";

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await articlesFolder({
    "authors.yaml": "someone:\n  name: Some One\nclean-systems:\n  name: Clean Systems\n",
  }));
});
afterEach(() => remove());

const article = (args: string[], env: Record<string, string> = {}) =>
  callCommand(command, args, { ARTICLES_DIR: dir, ...env });
const save = (name: string, source: string) => writeFile(path.join(dir, name), source);

/** The article that the file holds; throws where the file is wrong. */
function written(slug: string) {
  const { articles, errors } = loadArticles(dir);
  const found = articles.find((article) => article.slug === slug);
  if (!found) throw new Error(JSON.stringify(errors));
  return found;
}

describe("new", () => {
  test("creates a draft that passes the check, and never overwrites a file", async () => {
    const { code, out } = await article(["new", "Why Queues Wait"]);
    expect(code).toBe(0);
    expect(out).toMatch(/why-queues-wait\.md is a draft\..*\/articles\/why-queues-wait/);
    expect(written("why-queues-wait")).toMatchObject({ title: "Why Queues Wait", draft: true });
    expect(await article(["check"])).toEqual({ code: 0, out: "Nothing is wrong.\n", err: "" });

    await save("why-queues-wait.md", "mine");
    const again = await article(["new", "Why queues wait?"]);
    expect(again.code).toBe(1);
    expect(again.err).toContain("exists already and was not changed");
    expect(await readFile(path.join(dir, "why-queues-wait.md"), "utf8")).toBe("mine");
  });

  test("accepts any title", async () => {
    const title = '../../Smørrebrød på 🚀: "quotes", \\backslashes, {a}, #1, $&, DATE';
    expect((await article(["new", title])).code).toBe(0);
    expect(written("smoerrebroed-paa-quotes-backslashes-a-1-date")).toMatchObject({ title });
  });

  test("with wrong arguments prints the right ones, exits with 2 and creates nothing", async () => {
    const calls: [args: string[], message: RegExp][] = [
      [["new", "日本"], /a title is missing/],
      [["nwe", "A"], /"nwe" is not a command[\s\S]*new "TITLE"/],
    ];
    for (const [args, message] of calls) {
      const { code, out, err } = await article(args);
      expect([code, out, err]).toEqual([2, "", expect.stringMatching(message)]);
    }
    expect((await readdir(dir)).sort()).toEqual(["authors.yaml", "images"]);
  });
});

test("check prints file, line and advice, and exits with 1, as a process", async () => {
  await save("bad.md", articleFile({ drfat: "true" }, "![](none.svg)\n"));
  const { code, out, err } = await runCommand("article", ["check"], { ARTICLES_DIR: dir });
  const file = `${path.basename(dir)}/bad.md`;
  expect(out.split("\n")).toEqual([
    `${file}:6: unknown key "drfat", did you mean "draft"?`,
    `${file}:8: the image none.svg has no alternative text in its brackets`,
    `${file}:8: the image none.svg is not in the folder of articles, or browsers cannot show it`,
    "",
  ]);
  expect([code, err]).toEqual([1, "3 things are wrong.\n"]);
});

describe("preview", () => {
  const settings = { PREVIEW_SECRET: secret, SITE_URL: "http://localhost:4000" };
  beforeEach(() => save("draft.md", articleFile({ draft: "true" })));

  test("prints a draft's URL by its file or its slug, on this site or another", async () => {
    const token = previewToken(secret, "draft");
    const here = await article(["preview", "articles/draft.md"], settings);
    expect(here).toEqual({ code: 0, out: `http://localhost:4000/drafts/${token}\n`, err: "" });
    const { out } = await article(["preview", "draft", "https://cleansystems.dk/"], settings);
    expect(out).toBe(`https://cleansystems.dk/drafts/${token}\n`);
  });

  test("requires an existing article and the secret", async () => {
    const misspelt = await article(["preview", "darft"], settings);
    expect([misspelt.code, misspelt.err]).toEqual([2, "there is no valid article darft.md\n"]);
    for (const args of [["preview"], ["preview", "draft", "cleansystems"]])
      expect(await article(args, settings)).toMatchObject({ code: 2, out: "" });
    const secretless = await article(["preview", "draft"]);
    expect([secretless.code, secretless.err]).toEqual([
      2,
      expect.stringContaining("PREVIEW_SECRET is not set"),
    ]);
  });
});
