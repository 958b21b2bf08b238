// What was read of the articles is kept from one start to the next: the second start says the same as the first, and trusts nothing stale.

import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openLibrary } from "../../src/articles/library.ts";
import { articleFile, articlesFolder } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const svg = (width: number) => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="4"></svg>`;
const files = {
  "plain.md": articleFile({ title: "Plain", topics: "[Java]", related: "[full]" }, "Hello.\n\n## Part\n\nMore.\n"),
  "full.md": articleFile(
    {
      title: "Full",
      updated: "{ date: 2026-11-20, change: A figure was wrong }",
      series: "{ name: Waiting, part: 1 }",
      aliases: "[/articles/old]",
      image: "{ file: images/a.svg, alt: A graph }",
      canonical: "https://blog.example/full",
    },
    "![A graph](images/a.svg)\n\n```text\nint a;\n```\n",
  ),
  "draft.md": articleFile({ title: "Draft", draft: "true" }),
  "wrong.md": "",
  "images/a.svg": svg(8),
};

let dir: string;
let dataDir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await articlesFolder(files));
  dataDir = path.join(dir, "data");
});
afterEach(() => remove());

/** Everything that a library says once it is open; it is closed again. */
async function facts(options = { dataDir }) {
  const library = await openLibrary(dir, options);
  const articles = [...library.list(tuesday), ...library.hidden(tuesday)].map((article) => ({
    ...article,
    outline: article.outline,
    body: article.body,
    images: article.images,
    lines: article.lines,
  }));
  const bodies = await Promise.all(library.list(tuesday).map(library.body));
  await library.settled();
  library.close();
  return { articles, bodies, errors: library.errors().toSorted((a, b) => (a.file < b.file ? -1 : 1)) };
}
const save = (name: string, content: string) => writeFile(path.join(dir, name), content);
const keptFiles = async () =>
  (await readdir(dataDir)).filter((name) => /^articles-.*\.db$/.test(name)).map((name) => path.join(dataDir, name));
const titles = async () => (await facts()).articles.map(({ title }) => title);
async function change(sql: string): Promise<void> {
  const database = new DatabaseSync((await keptFiles())[0] ?? "");
  database.exec(sql);
  database.close();
}

test("the first start, the second and one that keeps nothing say the same", async () => {
  const first = await facts();
  expect(first.articles.map(({ slug }) => slug)).toEqual(["full", "plain", "draft"]);
  expect(await facts()).toEqual(first);
  expect(await facts({ dataDir: "" })).toEqual(first);
});

test("what has not changed is not read again", async () => {
  await facts();
  await change("UPDATE files SET known = replace(known, 'Plain', 'Kept')");
  expect(await titles()).toEqual(["Full", "Kept", "Draft"]);
});

test("what was saved, added or deleted in between is noticed", async () => {
  await facts();
  await save("plain.md", articleFile({ title: "Saved" }));
  await save("new.md", articleFile({ title: "New" }));
  await rm(path.join(dir, "draft.md"));
  await save("wrong.md", articleFile({ title: "Mended" }));
  expect([await titles(), (await facts()).errors]).toEqual([["Full", "New", "Saved", "Mended"], []]);
  expect(await facts()).toEqual(await facts({ dataDir: "" }));
});

test("the same length and the same time do not hide a change", async () => {
  const at = new Date("2026-11-01T00:00:00Z");
  const file = path.join(dir, "plain.md");
  await utimes(file, at, at);
  await facts();
  await save("plain.md", files["plain.md"].replace("Plain", "Other"));
  await utimes(file, at, at);
  expect(await titles()).toContain("Other");
});

test("the last good version outlives a restart, with its text, and its mistake is still told", async () => {
  const before = await facts();
  await save("plain.md", "broken");
  const [first, second] = [await facts(), await facts()];
  expect(first.articles).toEqual(before.articles);
  expect(second).toEqual(first);
  expect(second.errors.map(({ file }) => path.basename(file))).toEqual(["plain.md", "wrong.md"]);
});

test("an author or an image that changed in between is seen in the articles", async () => {
  await facts();
  await save("authors.yaml", "someone:\n  name: Someone Else\n");
  await save("images/a.svg", svg(16));
  const after = await facts();
  expect(after.articles.map(({ author }) => author.name)).toEqual(["Someone Else", "Someone Else", "Someone Else"]);
  expect(after.bodies[0]).toContain('width="16"');
  await rm(path.join(dir, "images/a.svg"));
  expect((await facts()).errors.map(({ file }) => path.basename(file))).toContain("full.md");
});

test("also where the process was killed between reading the author and reading the articles", async () => {
  await facts();
  await save("authors.yaml", "someone:\n  name: Someone Else\n");
  await change("CREATE TRIGGER killed BEFORE INSERT ON files WHEN NEW.name LIKE '%.md' BEGIN SELECT raise(ABORT, 'killed'); END");
  await facts();
  await change("DROP TRIGGER killed");
  expect((await facts()).articles.map(({ author }) => author.name)).toEqual(["Someone Else", "Someone Else", "Someone Else"]);
});

test.each([
  ["damaged", (file: string) => writeFile(file, "no database ".repeat(1_000))],
  ["empty", (file: string) => writeFile(file, "")],
  ["gone", (file: string) => rm(file)],
])("a file that is %s is made anew", async (_how, damage) => {
  const before = await facts();
  await damage((await keptFiles())[0] ?? "");
  for (const suffix of ["-wal", "-shm"]) await rm(`${(await keptFiles())[0] ?? ""}${suffix}`, { force: true });
  expect(await facts()).toEqual(before);
});

test("another release starts with a file of its own, and removes the last one", async () => {
  await facts();
  const mine = await keptFiles();
  await save("data/articles-0123456789ab.db", "of another release");
  await facts();
  expect(await keptFiles()).toEqual(mine);
});

test("where it cannot be written, articles are read into memory", async () => {
  await facts();
  await change("CREATE TRIGGER full BEFORE INSERT ON texts BEGIN SELECT raise(ABORT, 'disk full'); END");
  await save("plain.md", articleFile({ title: "Saved" }, "Other words.\n"));
  const after = await facts();
  expect(after.articles.map(({ title }) => title)).toContain("Saved");
  expect(after.bodies[1]).toContain("Other words.");
});

test("a process that is still running keeps what it has when another starts with another release", async () => {
  const library = await openLibrary(dir, { dataDir });
  for (const file of await keptFiles()) await rm(file);
  await mkdir(dataDir, { recursive: true });
  expect(library.find("plain", tuesday)?.body).toContain("More.");
  await save("plain.md", articleFile({ title: "Saved" }, "Other words.\n"));
  await library.refresh();
  expect(library.find("plain", tuesday)?.body).toContain("Other words.");
  library.close();
});

test("a library that is closed while it warms up stops quietly", async () => {
  const library = await openLibrary(dir, { dataDir });
  await library.settled();
  const warming = library.warmUp(tuesday);
  library.close();
  await expect(warming).resolves.toBeUndefined();
});
