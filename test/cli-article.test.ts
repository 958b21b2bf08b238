// Tests the author's command: it creates a draft, checks all articles, and prints a draft's private URL.

import { execFileSync, spawnSync } from "node:child_process";
import { readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { previewToken } from "../src/articles/article.ts";
import { loadArticles } from "../src/articles/load.ts";
import { articleImages } from "../src/articles/sharing-image.ts";
import { findLosses } from "../src/authoring/check.ts";
import { article as command } from "../src/cli/article.ts";
import { drawMissing } from "../src/cli/images.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { callCommand } from "./support/command.ts";
import { temporaryFolder, tuesday } from "./support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const secret = "a-secret-for-tests-only";

let dir: string;
beforeEach(async () => {
  ({ dir } = await articlesFolder({
    "authors.yaml": "someone:\n  name: Some One\nclean-systems:\n  name: Clean Systems\n",
  }));
});

const article = (args: string[], env: Record<string, string> = {}) =>
  callCommand(command, args, { ARTICLES_DIR: dir, ...env });
const save = (name: string, source: string) => writeFile(path.join(dir, name), source);

/** Returns the article in a file, and throws if the file is wrong. */
function written(slug: string) {
  const { articles, errors } = loadArticles(dir);
  const found = articles.find((article) => article.slug === slug);
  if (!found) throw new Error(JSON.stringify(errors));
  return found;
}

describe("new", () => {
  test("creates a draft that passes the check, and overwrites no file", async () => {
    const { code, out } = await article(["new", "Why Queues Wait"]);
    expect(code).toBe(0);
    expect(out).toMatch(/why-queues-wait\.md is a draft\..*\/articles\/why-queues-wait/);
    expect(written("why-queues-wait")).toMatchObject({ title: "Why Queues Wait", draft: true });
    expect(await article(["check"])).toEqual({ code: 0, out: "Nothing is wrong.\n", err: "" });

    await save("why-queues-wait.md", "mine");
    const again = await article(["new", "Why queues wait?"]);
    expect(again).toMatchObject({ code: 2, err: expect.stringMatching(/exists: choose another/) });
    expect(await readFile(path.join(dir, "why-queues-wait.md"), "utf8")).toBe("mine");
  });

  test("accepts any title that has a letter for its URL", async () => {
    const title = '../../Smørrebrød på 🚀: "quotes", \\backslashes, {a}, #1, $&, DATE';
    expect((await article(["new", title])).code).toBe(0);
    expect(written("smoerrebroed-paa-quotes-backslashes-a-1-date")).toMatchObject({ title });
    const err = "the title needs a letter from a to z or a digit, for its URL\n";
    expect(await article(["new", "日本"])).toEqual({ code: 2, out: "", err });
  });
});

test("check prints file, line and advice, and exits with 1", async () => {
  await save("bad.md", articleFile({ drfat: "true" }, "![](none.svg)\n"));
  const { code, out, err } = await article(["check"]);
  const file = `${path.basename(dir)}/bad.md`;
  expect(out.split("\n")).toEqual([
    expect.stringMatching(`^${file}:6: unknown key "drfat": use title, .*, draft$`),
    `${file}:8: there is no image none.svg`,
    "",
  ]);
  expect([code, err]).toEqual([1, "2 things are wrong.\n"]);
});

test("check names a sharing image that is not drawn", async () => {
  await save("new.md", articleFile());
  const { code, out } = await article(["check"]);
  const line = /\/sharing\/new-[0-9a-f]{10}\.png:1: is not drawn: run `npm run images`\n$/;
  expect([code, out]).toEqual([1, expect.stringMatching(line)]);
});

const later = "2127-01-01";
const withdrawn = articleFile({ draft: "true" });
const live = { title: "Live", aliases: "[/blog/live]" };
const files = {
  "live.md": articleFile(live),
  "second.md": articleFile(),
  "third.md": articleFile(),
  "later.md": articleFile({ date: later }),
  "draft.md": withdrawn,
};
const lost = (url: string) =>
  `${url} is public and would be lost: add it to "aliases" of another article, or publish \`draft: true\` before you delete or postpone it`;
const both = [lost("/articles/live"), lost("/blog/live")];

test("readers would lose a public URL, an alias, or more than half of all", async () => {
  const heir = articleFile({ aliases: "[/articles/live, /blog/live]" });
  const changes: [files: Record<string, string>, expected: string[]][] = [
    [{ "live.md": "" }, both],
    [{ "live.md": articleFile({ ...live, date: later }) }, both],
    [{ "live.md": articleFile() }, [lost("/blog/live")]],
    [{ "live.md": articleFile({ ...live, draft: "true" }) }, []],
    [{ "live.md": "", "heir.md": heir }, []],
    [{ "draft.md": "", "later.md": "" }, []],
    [
      { "second.md": withdrawn, "third.md": withdrawn },
      ["only 1 of 3 public articles would be left"],
    ],
  ];
  const published = loadArticles((await articlesFolder(files)).dir).articles;
  for (const [changed, expected] of changes) {
    const left = Object.entries({ ...files, ...changed }).filter(([, source]) => source);
    const snapshot = loadArticles((await articlesFolder(Object.fromEntries(left))).dir);
    const context = { snapshot, siteUrl: "", paths: [], now: tuesday };
    const messages = findLosses(context, published).map(({ message }) => message);
    expect([changed, messages]).toEqual([changed, expected]);
  }
});

describe("what readers would lose", () => {
  /** Creates a repository with the live articles, and a clone with those of an author. */
  let origin: string;
  let clone: string;
  const git = (cwd: string, ...args: string[]) => {
    const user = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
    return execFileSync("git", [...user, ...args], { cwd, encoding: "utf8", stdio: "pipe" }).trim();
  };
  const commit = (cwd: string) => {
    git(cwd, "add", "--all");
    git(cwd, "commit", "--quiet", "--message=x");
  };
  const inClone = (name: string) => path.join(clone, "articles", name);
  const inTheClone = (...args: string[]) =>
    callCommand(command, args, { ARTICLES_DIR: inClone("") });

  beforeEach(async () => {
    ({ dir: origin } = await temporaryFolder());
    await rename((await articlesFolder(files)).dir, path.join(origin, "articles"));
    git(origin, "init", "--quiet", "--initial-branch=main");
    commit(origin);
    clone = path.join(origin, "clone");
    git(origin, "clone", "--quiet", origin, clone);
  });

  test("is in the check, unless there is no origin/main to compare with", async () => {
    // What is only new on the other branch is nothing that this one would lose.
    await writeFile(path.join(origin, "articles/newer.md"), articleFile());
    commit(origin);
    git(clone, "fetch", "--quiet");
    await rm(inClone("live.md"));
    drawMissing(inClone("sharing"), articleImages(loadArticles(inClone(""))));
    const out = both.map((line) => `articles/live.md:1: ${line}\n`).join("");
    expect(await inTheClone("check")).toMatchObject({ code: 1, out });
    git(clone, "remote", "remove", "origin");
    expect(await inTheClone("check")).toMatchObject({ code: 0 });
    const err = "git finds no commit live.md\n";
    expect(await inTheClone("losses", "live.md")).toEqual({ code: 2, out: "", err });
  });

  test("stops pull-articles, which takes every other update", async () => {
    const script = await readFile(path.join(projectDir, "ops/pull-articles"), "utf8");
    // The name of this folder may have a space or an &.
    const [site, node] = [path.join(dir, "site"), path.join(dir, "node")];
    await symlink(projectDir, site);
    await symlink(process.execPath, node);
    const here = script
      .replaceAll("/srv/articles", clone)
      .replaceAll("/srv/site", site)
      .replaceAll("node_modules/.bin/node", node);
    const env = { ...process.env, NODE_COMPILE_CACHE: "node_modules/.cache/compile" }; // as its unit
    const pull = () => spawnSync("sh", ["-c", here], { encoding: "utf8", env });
    const isLive = () => git(clone, "rev-parse", "HEAD") === git(origin, "rev-parse", "HEAD");
    const save = (name: string, text: string) =>
      writeFile(path.join(origin, "articles", name), text);
    git(origin, "mv", "articles/live.md", "articles/renamed.md");
    commit(origin);
    expect(pull()).toMatchObject({ status: 1, stdout: `articles/live.md:1: ${both[0]}\n` });
    await save("renamed.md", articleFile({ aliases: "[/blog/live, /articles/live]" }));
    await save("wrong.md", articleFile({ drfat: "true" }));
    commit(origin);
    expect(pull()).toMatchObject({ status: 1, stdout: expect.stringContaining("wrong.md:6: ") });
    expect(isLive()).toBe(false);

    // An edit in place is reported with the command that restores the article.
    await writeFile(inClone("live.md"), "mine");
    const { status, stdout } = pull();
    const advice = "M articles/live.md\nTo put these changes away, run: ";
    expect([status, stdout]).toEqual([1, expect.stringContaining(advice)]);
    const stash = /git -C \S+ (stash .+)\n/.exec(stdout)?.[1] ?? "";
    git(clone, ...stash.split(" "));
    expect(await readFile(inClone("live.md"), "utf8")).toBe(files["live.md"]);

    // What only readers of one article would notice keeps nobody's article from going live.
    await save("wrong.md", articleFile({ title: "Broken" }, "[x](no.md) ![](no.png)\n"));
    commit(origin);
    expect(pull()).toMatchObject({ status: 0, stdout: "" });
    expect(isLive()).toBe(true);
  });
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
    expect([misspelt.code, misspelt.err]).toEqual([
      2,
      "darft.md does not exist or has errors, which `npm run article -- check` lists\n",
    ]);
    expect(await article(["preview", "draft", "cleansystems"], settings)).toMatchObject({
      code: 2,
    });
    const secretless = expect.stringContaining("PREVIEW_SECRET is not set") as string;
    expect(await article(["preview", "draft"])).toMatchObject({ code: 2, err: secretless });
  });
});
