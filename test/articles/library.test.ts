// Tests which articles of a folder readers see, when and in which order, and that one invalid file never affects the others.

import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { jest } from "@jest/globals";
import type { ArticleError } from "../../src/articles/article.ts";
import { openLibrary } from "../../src/articles/library.ts";
import { watchLibrary } from "../../src/articles/watch.ts";
import { tuesday, temporaryFolder } from "../support/site.ts";

const authorsFile = "eric-hanson:\n  name: Eric Hanson\n";

/** A file of articles/, published on a day long gone unless `front` says otherwise. */
function article(front: Record<string, string> = {}, body = "Hello.\n"): string {
  const keys = {
    title: "Queues",
    description: "d".repeat(80),
    author: "eric-hanson",
    date: "2026-01-01",
    ...front,
  };
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`);
  return `---\n${lines.join("")}---\n${body}`;
}

const folders: { remove: () => Promise<void> }[] = [];
afterAll(() => Promise.all(folders.map(({ remove }) => remove())));

async function libraryOf(files: Record<string, string>, options: { showHidden?: boolean } = {}) {
  const folder = await temporaryFolder();
  folders.push(folder);
  for (const [name, source] of Object.entries({ "authors.yaml": authorsFile, ...files })) {
    await mkdir(path.dirname(path.join(folder.dir, name)), { recursive: true });
    if (source !== "") await writeFile(path.join(folder.dir, name), source);
  }
  return openLibrary(folder.dir, options);
}

const slugs = (articles: { slug: string }[]) => articles.map(({ slug }) => slug);
const secondBefore = (instant: Date) => new Date(instant.getTime() - 1_000);

describe("the list", () => {
  test("has the newest first, and articles of one day by slug", async () => {
    const library = await libraryOf({
      "b.md": article({ date: "2026-03-01" }),
      "c.md": article({ date: "2026-03-02" }),
      "a-2.md": article({ date: "2026-03-01" }),
      "a.md": article({ date: "2026-02-28" }),
    });
    expect(library.errors()).toEqual([]);
    expect(slugs(library.list(tuesday))).toEqual(["c", "a-2", "b", "a"]);
  });

  test("has the .md files of the folder and reports misnamed ones", async () => {
    const library = await libraryOf({
      "a.md": article(),
      "notes.txt": "x",
      "b.md~": "x",
      "c.markdown": "x",
    });
    expect(library.errors()).toEqual([]);
    await library.indexReady();
    expect(
      library.bodyProblems().map(({ file, message }) => `${path.basename(file)} ${message}`),
    ).toEqual([
      "c.markdown is not read: articles end in .md",
      "notes.txt is not read: articles end in .md",
    ]);
    expect(slugs(library.list(tuesday))).toEqual(["a"]);
  });

  test("has no texts of sub-folders, which are reported, except those of examples and of folders with _ or .", async () => {
    const files = [
      "sub/x.md",
      "sub/deep/y.markdown",
      "sub/_z.md",
      "sub/z.txt",
      "examples/a/x.md",
      "_notes/x.md",
      ".git/x.md",
    ];
    const library = await libraryOf({
      "a.md": article(),
      ...Object.fromEntries(files.map((name) => [name, article()])),
    });
    expect(slugs(library.list(tuesday))).toEqual(["a"]);
    await library.indexReady();
    const message = "is not read, because it is in a sub-folder: move it beside the other articles";
    expect(
      library.bodyProblems().filter((problem) => problem.message.startsWith("is not read")),
    ).toEqual([
      { file: expect.stringMatching(/\/sub\/deep\/y\.markdown$/), line: 1, message },
      { file: expect.stringMatching(/\/sub\/x\.md$/), line: 1, message },
    ]);
  });

  test("is empty for an empty folder", async () => {
    expect((await libraryOf({})).list(tuesday)).toEqual([]);
  });
});

describe("drafts and scheduled articles", () => {
  const files = {
    "public.md": article(),
    "draft.md": article({ draft: "true" }),
    "scheduled.md": article({ date: "2026-11-25" }),
  };

  test("are neither listed nor found by slug", async () => {
    const library = await libraryOf(files);
    expect(slugs(library.list(tuesday))).toEqual(["public"]);
    expect(library.find("public", tuesday)?.slug).toBe("public");
    expect(library.find("draft", tuesday)).toBeUndefined();
    expect(library.find("scheduled", tuesday)).toBeUndefined();
    expect(library.find("constructor", tuesday)).toBeUndefined();
  });

  test("are listed and found with showHidden", async () => {
    const library = await libraryOf(files, { showHidden: true });
    expect(slugs(library.list(tuesday))).toEqual(["scheduled", "draft", "public"]);
    expect(library.find("draft", tuesday)?.draft).toBe(true);
  });

  test.each([
    ["midnight in Copenhagen in winter", "2026-11-25", "2026-11-24T23:00:00Z"],
    ["midnight in Copenhagen in summer", "2026-07-01", "2026-06-30T22:00:00Z"],
    ["midnight on the day that clocks go forward", "2026-03-29", "2026-03-28T23:00:00Z"],
    ["midnight on the day that clocks go back", "2026-10-25", "2026-10-24T22:00:00Z"],
    ["the instant that the author gave", "2026-11-24T09:00:00+07:00", "2026-11-24T02:00:00Z"],
  ])("become public at %s and not a second earlier", async (_when, date, iso) => {
    const library = await libraryOf({ "a.md": article({ date }) });
    const instant = new Date(iso);
    expect(library.list(secondBefore(instant))).toEqual([]);
    expect(library.find("a", secondBefore(instant))).toBeUndefined();
    expect(slugs(library.list(instant))).toEqual(["a"]);
    expect(library.find("a", instant)?.slug).toBe("a");
  });

  test("a draft stays hidden after its date", async () => {
    const library = await libraryOf({ "a.md": article({ draft: "true", date: "2026-01-01" }) });
    expect(library.list(tuesday)).toEqual([]);
  });
});

describe("what to read after an article", () => {
  const files = {
    "start.md": article({ date: "2026-05-01", related: "[hidden, old, start]" }),
    "old.md": article({ date: "2026-01-01" }),
    "new.md": article({ date: "2026-06-01" }),
    "newer.md": article({ date: "2026-06-02" }),
    "hidden.md": article({ draft: "true" }),
  };

  test("are the author's choice first and then the newest, never the article itself or a hidden one", async () => {
    const library = await libraryOf(files);
    const start = library.find("start", tuesday);
    if (!start) throw new Error("start.md is public");
    const read = (now: Date, count: number) => {
      const { next, more } = library.readAfter(start, now, count);
      return [slugs(next), slugs(more)];
    };
    expect(read(tuesday, 1)).toEqual([["old", "newer"], ["new"]]);
    expect(read(tuesday, 9)).toEqual([
      ["old", "newer"],
      ["new", "old", "newer"],
    ]);
    expect(read(new Date("2026-06-01T12:00:00Z"), 9)).toEqual([
      ["old", "new"],
      ["old", "new"],
    ]);
  });

  test("is first the next public part of its series, and nothing if it is the only article", async () => {
    const part = (number: number, more = {}) =>
      article({ series: `{ name: Waiting, part: ${number} }`, ...more });
    const library = await libraryOf({
      "one.md": part(1, { related: "[other, three]" }),
      "two.md": part(2, { draft: "true" }),
      "three.md": part(3),
      "other.md": article({}),
    });
    const next = (slug: string) =>
      slugs(library.readAfter(library.find(slug, tuesday) ?? fail(slug), tuesday, 4).next);
    expect([next("one"), next("three").length]).toEqual([["three", "other"], 2]);
    const alone = await libraryOf({
      "alone.md": article({ series: "{ name: Waiting, part: 1 }" }),
    });
    expect(alone.readAfter(alone.list(tuesday)[0] ?? fail("alone"), tuesday, 4)).toEqual({
      next: [],
      more: [],
    });
  });
});

describe("a folder with invalid files", () => {
  test("returns the valid articles and lists every error of every invalid file", async () => {
    const library = await libraryOf({
      "good.md": article(),
      "typo.md": article({ drfat: "true", title: "5" }),
      "html.md": article({}, "One.\n\n<b>Two</b>\n"),
      "Bad Name.md": article(),
    });
    expect(slugs(library.list(tuesday))).toEqual(["good", "html"]);
    expect(library.find("typo", tuesday)).toBeUndefined();
    const reported = library.errors().map(({ file, line }) => `${path.basename(file)}:${line}`);
    expect(reported.sort()).toEqual(["Bad Name.md:1", "typo.md:2", "typo.md:6"]);
  });

  test.each<[what: string, make: (file: string) => unknown, message: string]>([
    ["a link to nowhere", (file) => symlink("nowhere.md", file), "is missing or cannot be read"],
    ["a named pipe", (file) => execFileSync("mkfifo", [file]), "is not a regular file"],
    [
      "a file over the limit",
      (file) => writeFile(file, article({}, "word ".repeat(210_000))),
      "has 1051 KB, and the limit is 1000 KB",
    ],
  ])("%s called x.md is an error and hides no other article", async (_what, make, message) => {
    const folder = await temporaryFolder();
    folders.push(folder);
    await writeFile(path.join(folder.dir, "authors.yaml"), authorsFile);
    await writeFile(path.join(folder.dir, "good.md"), article());
    await make(path.join(folder.dir, "x.md"));
    const library = await openLibrary(folder.dir);
    expect(slugs(library.list(tuesday))).toEqual(["good"]);
    expect(library.errors()).toEqual([
      { file: `${path.basename(folder.dir)}/x.md`, line: 1, message },
    ]);
    expect(await library.refresh()).toBeUndefined();
  });

  test("the lock file of an editor is ignored", async () => {
    const library = await libraryOf({
      "good.md": article(),
      ".#good.md": "locked",
      "images/._photo.png": "metadata",
    });
    expect(slugs(library.list(tuesday))).toEqual(["good"]);
    expect(library.errors()).toEqual([]);
    await library.indexReady();
    expect(library.bodyProblems()).toEqual([]);
  });

  test("a file called images hides no article", async () => {
    const folder = await temporaryFolder();
    folders.push(folder);
    for (const [name, text] of Object.entries({
      "authors.yaml": authorsFile,
      "good.md": article(),
      images: "not a folder",
    }))
      await writeFile(path.join(folder.dir, name), text);
    expect(slugs((await openLibrary(folder.dir)).list(tuesday))).toEqual(["good"]);
  });

  test("an invalid authors.yaml is reported once and not for each article", async () => {
    const library = await libraryOf({
      "authors.yaml": "a:\n  name: A\na:\n  name: B\n",
      "one.md": article(),
      "two.md": article(),
    });
    expect(library.errors()).toEqual([
      {
        file: expect.stringMatching(/authors\.yaml$/),
        line: 3,
        message: expect.stringContaining("this key is given twice"),
      },
    ]);
  });

  test("a missing authors.yaml is reported", async () => {
    const library = await libraryOf({ "authors.yaml": "", "a.md": article() });
    expect(library.list(tuesday)).toEqual([]);
    expect(path.basename(library.errors()[0]?.file ?? "")).toBe("authors.yaml");
    expect(library.errors()[0]?.message).toMatch(/ENOENT|missing/);
  });

  test.each([
    ["an unknown field", "eric-hanson:\n  name: Eric Hanson\n  rloe: Developer\n", /rloe/],
    ["a name that is a number", "eric-hanson:\n  name: 5\n", /"eric-hanson\.name" must be text/],
    ["a list", "- eric-hanson\n", /lines of `key: value`/],
    ["an alias", "a: &a\n  name: A\nb: *a\n", /[Aa]lias/],
  ])("an authors.yaml with %s is reported", async (_what, source, message) => {
    const library = await libraryOf({ "authors.yaml": source });
    expect(library.errors()).toEqual([
      {
        file: expect.stringMatching(/authors\.yaml$/),
        line: expect.any(Number),
        message: expect.stringMatching(message),
      },
    ]);
  });
});

test("a body is rendered once", async () => {
  const library = await libraryOf({ "a.md": article({}, "One.\n\n## Two\n") });
  const found = library.find("a", tuesday);
  if (!found) throw new Error("a.md is public");
  expect(await library.body(found)).toContain('<p class="standfirst">One.</p>');
  expect(library.body(found)).toBe(library.body(found));
});

test("problems in the bodies of drafts are listed too", async () => {
  const library = await libraryOf({
    "a.md": article({ draft: "true" }, "<b>One</b>\n"),
    "b.md": article({}, "# Two\n"),
  });
  await library.indexReady();
  expect(library.bodyProblems().map(({ file, line }) => `${path.basename(file)}:${line}`)).toEqual([
    "a.md:8",
    "b.md:7",
  ]);
});

const svg = (width = 8, height = 4) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"></svg>`;

/** Opens a library. `save` writes a file, `remove` deletes one, and both return whether the refresh found a change, and its errors. */
async function livingLibrary(files: Record<string, string>) {
  const folder = await temporaryFolder();
  folders.push(folder);
  const at = (name: string) => path.join(folder.dir, name);
  await mkdir(at("images"));
  for (const [name, source] of Object.entries({ "authors.yaml": authorsFile, ...files }))
    await writeFile(at(name), source);
  const library = await openLibrary(folder.dir);
  const reported = (errors: ArticleError[] | undefined) => [
    errors !== undefined,
    ...(errors ?? []).map(({ file, line }) => `${path.basename(file)}:${line}`),
  ];
  return {
    library,
    at,
    reported,
    save: async (name: string, source: string) => {
      await writeFile(at(name), source);
      return reported(await library.refresh());
    },
    remove: async (name: string) => {
      await rm(at(name));
      await library.refresh(); // a file counts as deleted when it is missed twice
      return reported(await library.refresh());
    },
    titles: () => library.list(tuesday).map(({ title }) => title),
    wrong: () => library.errors().map(({ file, line }) => `${path.basename(file)}:${line}`),
    problems: async () => {
      await library.indexReady();
      return library.bodyProblems().map(({ file, line }) => `${path.basename(file)}:${line}`);
    },
  };
}

describe("a file that is saved", () => {
  test("is read again, and an unchanged file is not", async () => {
    const { library, save, titles, reported } = await livingLibrary({
      "a.md": article(),
      "b.md": article({ title: "B" }),
    });
    const b = library.find("b", tuesday);
    expect(await save("a.md", article({ title: "Better queues" }))).toEqual([true]);
    expect(titles()).toEqual(["Better queues", "B"]);
    expect(library.find("b", tuesday)).toBe(b);
    expect(reported(await library.refresh())).toEqual([false]);
    expect(reported(await library.refresh())).toEqual([false]);
  });

  test("is shown with its new text", async () => {
    const { library, save } = await livingLibrary({ "a.md": article() });
    const bodyOf = (slug: string) => library.body(library.find(slug, tuesday) ?? fail(slug));
    expect(await bodyOf("a")).toContain("Hello.");
    await save("a.md", article({}, "Goodbye.\n"));
    expect(await bodyOf("a")).toContain("Goodbye.");
  });

  test("with an error is reported, and its last good version stays until the error is corrected", async () => {
    const { save, titles, wrong } = await livingLibrary({
      "a.md": article(),
      "b.md": article({ title: "B" }),
    });
    expect(await save("a.md", article({ title: "Worse", drfat: "true" }))).toEqual([
      true,
      "a.md:6",
    ]);
    expect(titles()).toEqual(["Queues", "B"]);
    expect(wrong()).toEqual(["a.md:6"]);
    expect(await save("a.md", "")).toEqual([true, "a.md:1"]);
    expect(titles()).toEqual(["Queues", "B"]);
    expect(wrong()).toEqual(["a.md:1"]);
    expect(await save("a.md", article({ title: "Corrected" }))).toEqual([true]);
    expect(titles()).toEqual(["Corrected", "B"]);
    expect(wrong()).toEqual([]);
  });

  test("with an error has the problems of its text as it is now, and not those of its last good version", async () => {
    const { save, problems } = await livingLibrary({ "a.md": article({}, "# One\n") });
    expect(await problems()).toEqual(["a.md:7"]);
    await save("a.md", article({ drfat: "true" }, "One.\n\n<b>two</b>\n"));
    expect(await problems()).toEqual(["a.md:10"]);
    await save("a.md", "---\ntitle: Never closed\n");
    expect(await problems()).toEqual([]);
  });

  test("with an error is reported once", async () => {
    const { library, save, reported } = await livingLibrary({ "a.md": article() });
    await save("a.md", "");
    expect(reported(await library.refresh())).toEqual([false]);
    expect(reported(await library.refresh())).toEqual([false]);
  });

  test("for the first time is listed, unless it has an error", async () => {
    const { save, titles, wrong } = await livingLibrary({ "a.md": article() });
    expect(await save("new.md", article({ title: "New" }))).toEqual([true]);
    expect(await save("wrong.md", "")).toEqual([true, "wrong.md:1"]);
    expect(titles()).toEqual(["Queues", "New"]);
    expect(wrong()).toEqual(["wrong.md:1"]);
  });

  test("and then deleted is no longer listed, nor are its errors", async () => {
    const { remove, save, titles, wrong } = await livingLibrary({
      "a.md": article(),
      "b.md": article({ title: "B" }),
    });
    await save("b.md", "");
    expect(await remove("b.md")).toEqual([true]);
    expect(titles()).toEqual(["Queues"]);
    expect(wrong()).toEqual([]);
    expect(await remove("a.md")).toEqual([true]);
    expect(titles()).toEqual([]);
  });

  test("under another name is found by its alias", async () => {
    const { library, at, save, reported } = await livingLibrary({ "old.md": article() });
    await rename(at("old.md"), at("new.md"));
    expect(reported(await library.refresh())).toEqual([true]);
    expect(reported(await library.refresh())).toEqual([true]);
    expect(library.find("old", tuesday)).toBe(undefined);
    expect(library.findByAlias("/articles/old", tuesday)).toBe(undefined);
    await save("new.md", article({ aliases: "[/articles/old, /Blog/Queues]" }));
    for (const path of ["/articles/old", "/blog/queues"])
      expect(library.findByAlias(path, tuesday)?.slug).toBe("new");
    expect(library.findByAlias("/constructor", tuesday)).toBeUndefined();
  });

  test("by deleting it and writing it again never disappears", async () => {
    const { library, at, titles } = await livingLibrary({ "a.md": article() });
    await rm(at("a.md"));
    expect(await library.refresh()).toBeUndefined();
    expect(titles()).toEqual(["Queues"]);
    await writeFile(at("a.md"), article({ title: "Saved" }));
    await library.refresh();
    expect(titles()).toEqual(["Saved"]);
  });

  test("has the outline of its new text", async () => {
    const { library, save } = await livingLibrary({ "a.md": article({}, "word ".repeat(238)) });
    expect(library.find("a", tuesday)?.readBody().outline.readingMinutes).toBe(1);
    await save("a.md", article({}, "word ".repeat(476)));
    expect(library.find("a", tuesday)?.readBody().outline.readingMinutes).toBe(2);
  });

  test.each([
    ".#a.md",
    ".a.md.swp",
    "a.md~",
    "#a.md#",
    "4913",
    "_template.md",
    "a.md.tmp",
    ".images/b.png",
  ])("as %s is ignored", async (name) => {
    const { library, at, save, wrong } = await livingLibrary({ "a.md": article() });
    await mkdir(at(".images"));
    expect(await save(name, "x")).toEqual([false]);
    expect(wrong()).toEqual([]);
    expect(await library.refresh()).toBeUndefined();
  });
});

describe("authors.yaml", () => {
  const files = { "a.md": article(), "b.md": article({ title: "B" }) };

  test("with an error keeps the last good authors, and articles can still be saved", async () => {
    const { save, titles, wrong } = await livingLibrary(files);
    await save("authors.yaml", "eric-hanson:\n  nmae: Eric\n");
    expect(titles()).toEqual(["Queues", "B"]);
    expect(wrong()).toEqual(["authors.yaml:1", "authors.yaml:2"]);
    await save("a.md", article({ title: "Saved" }));
    expect(titles()).toEqual(["Saved", "B"]);
    expect(await save("authors.yaml", authorsFile)).toEqual([true]);
    expect(wrong()).toEqual([]);
  });

  test("that is deleted keeps the last good authors", async () => {
    const { remove, titles, wrong } = await livingLibrary(files);
    await remove("authors.yaml");
    expect(titles()).toEqual(["Queues", "B"]);
    expect(wrong()).toEqual(["authors.yaml:1"]);
  });

  test("with another name renames the author of all articles", async () => {
    const { library, save } = await livingLibrary(files);
    expect(await save("authors.yaml", "eric-hanson:\n  name: Eric H. Hanson\n")).toEqual([true]);
    expect(library.list(tuesday).map(({ author }) => author.name)).toEqual([
      "Eric H. Hanson",
      "Eric H. Hanson",
    ]);
  });

  test("without an author is reported at each article of that author, which stays", async () => {
    const { save, titles } = await livingLibrary(files);
    expect(await save("authors.yaml", "somebody:\n  name: Some Body\n")).toEqual([
      true,
      "a.md:4",
      "b.md:4",
    ]);
    expect(titles()).toEqual(["Queues", "B"]);
  });

  test("with a new author makes the articles of that author valid", async () => {
    const { save, titles, wrong } = await livingLibrary({
      ...files,
      "c.md": article({ title: "C", author: "rosa" }),
    });
    expect(titles()).toEqual(["Queues", "B"]);
    expect(wrong()).toEqual(["c.md:4"]);
    expect(await save("authors.yaml", `${authorsFile}rosa:\n  name: Rosa\n`)).toEqual([true]);
    expect(titles()).toEqual(["Queues", "B", "C"]);
    expect(wrong()).toEqual([]);
  });

  test("with an error is reported once", async () => {
    const { library, save, reported } = await livingLibrary(files);
    expect(await save("authors.yaml", "- broken\n")).toEqual([true, "authors.yaml:1"]);
    expect(reported(await library.refresh())).toEqual([false]);
  });

  test("that is deleted is reported once", async () => {
    const { library, remove, reported } = await livingLibrary(files);
    expect(await remove("authors.yaml")).toEqual([true, "authors.yaml:1"]);
    expect(reported(await library.refresh())).toEqual([false]);
  });
});

describe("images", () => {
  const withImage = article({}, "![A graph](images/graph.svg)\n");

  test("that are added appear in the article that named them", async () => {
    const { library, save, problems } = await livingLibrary({ "a.md": withImage });
    expect(await library.body(library.list(tuesday)[0] ?? fail("a"))).toContain("<em>A graph</em>");
    expect(await problems()).toEqual(["a.md:7"]);
    expect(await save("images/graph.svg", svg())).toEqual([true]);
    expect(await problems()).toEqual([]);
    const [found] = library.list(tuesday);
    expect(found && (await library.body(found))).toMatch(
      /<img src="\/images\/images\/graph\.[0-9a-f]{10}\.svg" alt="A graph" width="8" height="4"/,
    );
  });

  test("that are changed get another URL, which the article shows, and the old one is not found", async () => {
    const { library, save } = await livingLibrary({ "a.md": withImage, "images/graph.svg": svg() });
    const before = library.findImage("images/graph.svg");
    await save("images/graph.svg", svg(10, 5));
    const after = library.findImage("./images/graph.svg");
    expect(after?.width).toBe(10);
    expect(after?.height).toBe(5);
    expect(after?.address).toEqual(expect.not.stringMatching(before?.address ?? ""));
    expect(await library.body(library.list(tuesday)[0] ?? fail("a"))).toContain(after?.address);
    expect(await library.imageAt(before?.address ?? "")).toBeUndefined();
    expect(await library.imageAt(after?.address ?? "")).toEqual(Buffer.from(svg(10, 5)));
  });

  test("that are deleted are reported at the article, which stays", async () => {
    const { remove, titles, problems } = await livingLibrary({
      "a.md": withImage,
      "images/graph.svg": svg(),
    });
    expect(await remove("images/graph.svg")).toEqual([true]);
    expect(titles()).toEqual(["Queues"]);
    expect(await problems()).toEqual(["a.md:7"]);
  });

  test("may be in the folder of the articles and in the front matter", async () => {
    const { library, wrong } = await livingLibrary({
      "a.md": article({ image: "{ file: a.svg, alt: A graph }" }),
      "a.svg": svg(),
    });
    expect(wrong()).toEqual([]);
    expect(library.findImage("a.svg")?.address).toMatch(/^\/images\/a\.[0-9a-f]{10}\.svg$/);
  });

  test("that are replaced are shown in the last good version of an article with an error too", async () => {
    const { library, save } = await livingLibrary({ "a.md": withImage, "images/graph.svg": svg() });
    const bodyOfA = () => library.body(library.find("a", tuesday) ?? fail("a"));
    await bodyOfA();
    await save("a.md", "");
    await save("images/graph.svg", svg(10, 5));
    expect(await bodyOfA()).toContain(`src="${library.findImage("images/graph.svg")?.address}"`);
  });

  test.each([
    "/images/none.0123456789.svg",
    "/images/graph.svg",
    "/images/../authors.yaml",
    "constructor",
    "",
  ])("are not found at %j", async (address) => {
    const { library } = await livingLibrary({ "a.md": withImage, "images/graph.svg": svg() });
    expect(await library.imageAt(address)).toBeUndefined();
  });

  test.each(["graph.png", "graph.svg", "graph.JPEG"])(
    "that are not valid are a problem and not an error: %s",
    async (name) => {
      const { wrong, titles, problems } = await livingLibrary({
        "a.md": article(),
        [name]: "no image",
      });
      expect(titles()).toEqual(["Queues"]);
      expect(wrong()).toEqual([]);
      expect(await problems()).toEqual([`${name}:1`]);
    },
  );

  test("that are dangling links are a problem", async () => {
    const { library, at, problems } = await livingLibrary({ "a.md": article() });
    await symlink("nowhere.png", at("a.png"));
    expect(await library.refresh()).toEqual([]);
    expect(await problems()).toEqual(["a.png:1"]);
  });

  test("whose name is not UTF-8 are a problem", async () => {
    const { library, save, problems } = await livingLibrary({ "a.md": article() });
    expect(await save("a.md", article({}, "![x](%ff.png)\n"))).toEqual([true]);
    expect(await problems()).toEqual(["a.md:7"]);
    expect(library.list(tuesday)).toHaveLength(1);
  });
});

test("a series has its public parts in order", async () => {
  const part = (part: number, front = {}) =>
    article({ title: `Part ${part}`, series: `{ name: Waiting, part: ${part} }`, ...front });
  const { library } = await livingLibrary({
    "c.md": part(1),
    "b.md": part(3),
    "a.md": part(2, { date: "2026-02-01" }),
    "d.md": part(4, { draft: "true" }),
    "e.md": article({ series: "{ name: Other, part: 1 }" }),
    "f.md": article(),
  });
  const seriesOf = (slug: string) =>
    slugs(library.seriesOf(library.find(slug, tuesday) ?? fail(slug), tuesday));
  expect(seriesOf("b")).toEqual(["c", "a", "b"]);
  expect(seriesOf("e")).toEqual(["e"]);
  expect(seriesOf("f")).toEqual([]);
});

test("topics are counted among public articles, the most frequent first and equals by slug", async () => {
  const { library } = await livingLibrary({
    "a.md": article({ topics: "[Java, Teams]" }),
    "b.md": article({ topics: "[Spring Boot, Java]" }),
    "c.md": article({ topics: "[Secret, Teams]", draft: "true" }),
    "d.md": article({ topics: "[Later]", date: "2026-12-01" }),
  });
  const counted = (now: Date) =>
    library.topics(now).map(({ slug, name, count }) => `${slug} ${name} ${count}`);
  expect(counted(tuesday)).toEqual(["java Java 2", "spring-boot Spring Boot 1", "teams Teams 1"]);
  expect(counted(new Date("2026-12-01T12:00:00Z"))).toContain("later Later 1");
});

test("the next publishing is that of the earliest scheduled article that is not a draft", async () => {
  const { library } = await livingLibrary({
    "a.md": article(),
    "b.md": article({ date: "2026-12-24" }),
    "c.md": article({ date: "2026-12-01T09:00:00Z" }),
    "d.md": article({ date: "2026-11-30", draft: "true" }),
  });
  expect(library.nextPublishing(tuesday)).toEqual(new Date("2026-12-01T09:00:00Z"));
  expect(library.nextPublishing(new Date("2026-12-01T09:00:00Z"))).toEqual(
    new Date("2026-12-23T23:00:00Z"),
  );
  expect(library.nextPublishing(new Date("2026-12-24T00:00:00Z"))).toBeUndefined();
  expect(slugs(library.hidden(tuesday))).toEqual(["b", "c", "d"]);
});

test("an alias of a hidden article is not found until the article is public", async () => {
  const { library } = await livingLibrary({
    "a.md": article({ aliases: "[/a]", draft: "true" }),
    "b.md": article({ aliases: "[/b]", date: "2026-12-01" }),
  });
  const found = (now: Date) => ["/a", "/b"].map((path) => library.findByAlias(path, now)?.slug);
  expect(found(tuesday)).toEqual([undefined, undefined]);
  expect(found(new Date("2026-12-02T00:00:00Z"))).toEqual([undefined, "b"]);
});

test("an alias of two articles leads to the older one", async () => {
  const { library } = await livingLibrary({
    "a.md": article({ aliases: "[/old]", date: "2026-02-01" }),
    "b.md": article({ aliases: "[/old]", date: "2026-01-01" }),
  });
  expect(library.findByAlias("/old", tuesday)?.slug).toBe("b");
});

test("a body that could not be rendered is rendered again the next time", async () => {
  const { library } = await livingLibrary({ "a.md": article() });
  const [found = fail("a.md")] = library.list(tuesday);
  const broken = Object.assign({ ...found }, { body: null });
  await expect(library.body(broken)).rejects.toThrow();
  expect(await library.body(Object.assign(broken, { body: found.body }))).toContain("Hello.");
});

test("an alias that is not a path hides no other article", async () => {
  const { titles } = await livingLibrary({
    "a.md": article(),
    "b.md": article({ title: "B", aliases: '["//["]' }),
  });
  expect(titles()).toEqual(["Queues"]);
});

describe("watching", () => {
  const idle = { indexReady: () => Promise.resolve(), bodyProblems: () => [] };
  const ignore = () => undefined;
  let stop: () => void;
  afterEach(() => {
    stop();
    jest.restoreAllMocks();
  });

  test("reports a save, an error, a problem and an image", async () => {
    const { library, at, titles } = await livingLibrary({ "a.md": article() });
    let notice: Parameters<typeof watchLibrary>[1] = () => undefined;
    const failures: unknown[] = [];
    stop = watchLibrary(
      library,
      (errors, problems) => notice(errors, problems),
      (error) => failures.push(error),
      5,
    );
    /** Saves as editors do, under another name first, and returns the next report. */
    const saved = async (name: string, source: string) => {
      const reported = new Promise<string[]>((resolve) => {
        const placesOf = (list: ArticleError[]) =>
          list.map(({ file, line }) => `${path.basename(file)}:${line}`);
        notice = (errors, problems) =>
          resolve([
            ...placesOf(errors),
            ...placesOf(problems).map((place) => `problem in ${place}`),
          ]);
      });
      await writeFile(at(`${name}~`), source);
      await rename(at(`${name}~`), at(name));
      return reported;
    };
    expect(await saved("a.md", article({ title: "Noticed" }))).toEqual([]);
    expect(await saved("a.md", "broken")).toEqual(["a.md:1"]);
    expect(titles()).toEqual(["Noticed"]);
    expect(await saved("a.md", article({}, "![x](images/graph.svg)\n"))).toEqual([
      "problem in a.md:7",
    ]);
    expect(await saved("images/graph.svg", svg())).toEqual([]);
    expect(titles()).toEqual(["Queues"]);
    expect(failures).toEqual([]);
  });

  test("reports the errors of a save also if the search index cannot be filled", async () => {
    const { library, at } = await livingLibrary({ "a.md": article() });
    jest.spyOn(DatabaseSync.prototype, "exec").mockImplementation(() => {
      throw new Error("disk full");
    });
    const failures: unknown[] = [];
    const reported = new Promise<ArticleError[]>((resolve) => {
      stop = watchLibrary(library, resolve, (error) => failures.push(error), 5);
    });
    await writeFile(at("a.md"), "broken");
    const errors = await reported;
    expect(errors).toEqual([expect.objectContaining({ line: 1 })]);
    expect(failures).toEqual([new Error("disk full")]);
  });

  test("checks nothing more once it was stopped", async () => {
    const stopped = jest.fn(() => Promise.resolve(undefined));
    watchLibrary({ ...idle, refresh: stopped }, ignore, ignore, 1)();
    await new Promise<void>((resolve) => {
      let checks = 0;
      const refresh = () => {
        checks += 1;
        if (checks === 5) resolve();
        return Promise.resolve(undefined);
      };
      stop = watchLibrary({ ...idle, refresh }, ignore, ignore, 1);
    });
    expect(stopped).not.toHaveBeenCalled();
  });

  test("reports an error of the folder once, until there is another one", async () => {
    const errors = ["is gone", "is gone", "is gone", "is closed"];
    const failures: string[] = [];
    await new Promise<void>((resolve) => {
      const refresh = () => Promise.reject(new Error(errors.shift() ?? "is closed"));
      const failed = (error: unknown) => {
        failures.push(String(error));
        if (errors.length === 0) resolve();
      };
      stop = watchLibrary({ ...idle, refresh }, ignore, failed, 1);
    });
    expect(failures).toEqual(["Error: is gone", "Error: is closed"]);
  });

  test("reports a missing folder once and reads it when it is back", async () => {
    const { library, at, titles } = await livingLibrary({ "a.md": article() });
    const failures: unknown[] = [];
    const failed = new Promise<void>((resolve) => {
      stop = watchLibrary(
        library,
        () => undefined,
        (error) => {
          failures.push(error);
          resolve();
        },
        5,
      );
    });
    await rename(at("."), `${at(".")}-moved`);
    await failed;
    await expect(library.refresh()).rejects.toThrow(
      "is not a readable folder: check ARTICLES_DIR.",
    );
    await rename(`${at(".")}-moved`, at("."));
    await library.refresh();
    expect(titles()).toEqual(["Queues"]);
    expect(failures).toEqual([expect.objectContaining({ name: "OperatorError" })]);
  });
});

test("a thousand articles are loaded, with their errors, and one of them is saved", async () => {
  const numbers = Array.from({ length: 1_000 }, (_, index) => index);
  const body = (index: number) =>
    `Hello.\n\n## Part ${index}\n\n${"word ".repeat(100)}\n\n\`\`\`java\nint a = ${index};\n\`\`\`\n`;
  const day = (index: number) => new Date(Date.UTC(2023, 0, 1 + index)).toISOString().slice(0, 10);
  const files = numbers.map((index) => [
    `article-${index}.md`,
    article(
      {
        title: index % 100 === 0 ? String(index) : `Number ${index}`,
        date: day(index),
        topics: `[T${index % 7}]`,
      },
      body(index),
    ),
  ]);
  const { library, save, titles, wrong } = await livingLibrary(
    Object.fromEntries(files) as Record<string, string>,
  );
  expect(titles().length).toBe(990);
  expect(wrong().length).toBe(10);
  expect(titles()[0]).toBe("Number 999");
  expect(await save("article-100.md", article({ title: "Corrected" }))).toEqual([true]);
  expect(titles().length).toBe(991);
  expect(titles()[0]).toBe("Corrected");
  expect(wrong().length).toBe(9);
  expect(library.topics(tuesday)).toHaveLength(7);
  expect(library.readAfter(library.list(tuesday)[5] ?? fail("5"), tuesday, 4).more).toHaveLength(4);
});

function fail(what: string): never {
  throw new Error(`${what} is not there`);
}
