// Which articles of a folder anybody sees, when, and in which order; and that one wrong file never takes the others with it.

import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { openLibrary } from "../../src/articles/library.ts";
import { tuesday, temporaryFolder } from "../support/site.ts";

const authorsFile = "eric-hanson:\n  name: Eric Hanson\n";

/** A file of articles/, published on a day long gone unless `front` says otherwise. */
function article(front: Record<string, string> = {}, body = "Hello.\n"): string {
  const keys = { title: "Queues", description: "d".repeat(80), author: "eric-hanson", date: "2026-01-01", ...front };
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`);
  return `---\n${lines.join("")}---\n${body}`;
}

const folders: { remove: () => Promise<void> }[] = [];
afterAll(() => Promise.all(folders.map(({ remove }) => remove())));

async function libraryOf(files: Record<string, string>, options: { showHidden?: boolean } = {}) {
  const folder = await temporaryFolder();
  folders.push(folder);
  for (const [name, source] of Object.entries({ "authors.yaml": authorsFile, ...files })) {
    if (source !== "") await writeFile(path.join(folder.dir, name), source);
  }
  return openLibrary(folder.dir, options);
}

const slugs = (articles: { slug: string }[]) => articles.map(({ slug }) => slug);
const secondBefore = (instant: Date) => new Date(instant.getTime() - 1_000);

describe("the list", () => {
  test("has the newest first, and those of one day by slug", async () => {
    const library = await libraryOf({
      "b.md": article({ date: "2026-03-01" }),
      "c.md": article({ date: "2026-03-02" }),
      "a-2.md": article({ date: "2026-03-01" }),
      "a.md": article({ date: "2026-02-28" }),
    });
    expect(library.errors()).toEqual([]);
    expect(slugs(library.list(tuesday))).toEqual(["c", "a-2", "b", "a"]);
  });

  test("is of the .md files in the folder and of nothing else", async () => {
    const library = await libraryOf({ "a.md": article(), "notes.txt": "x", "b.md~": "x", "c.markdown": "x" });
    expect(library.errors()).toEqual([]);
    expect(slugs(library.list(tuesday))).toEqual(["a"]);
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

  test("are neither listed nor found", async () => {
    const library = await libraryOf(files);
    expect(slugs(library.list(tuesday))).toEqual(["public"]);
    expect(library.find("public", tuesday)?.slug).toBe("public");
    expect(library.find("draft", tuesday)).toBeUndefined();
    expect(library.find("scheduled", tuesday)).toBeUndefined();
    expect(library.find("constructor", tuesday)).toBeUndefined();
  });

  test("are both for an author at work, who asked to see what is hidden", async () => {
    const library = await libraryOf(files, { showHidden: true });
    expect(slugs(library.list(tuesday))).toEqual(["scheduled", "draft", "public"]);
    expect(library.find("draft", tuesday)?.draft).toBe(true);
  });

  test.each([
    ["midnight in Copenhagen in winter", "2026-11-25", "2026-11-24T23:00:00Z"],
    ["midnight in Copenhagen in summer", "2026-07-01", "2026-06-30T22:00:00Z"],
    ["midnight on the day that clocks go forward", "2026-03-29", "2026-03-28T23:00:00Z"],
    ["midnight on the day that they go back", "2026-10-25", "2026-10-24T22:00:00Z"],
    ["the instant that the author gave", "2026-11-24T09:00:00+07:00", "2026-11-24T02:00:00Z"],
  ])("become public at %s, and not a second earlier", async (_when, date, iso) => {
    const library = await libraryOf({ "a.md": article({ date }) });
    const instant = new Date(iso);
    expect(library.list(secondBefore(instant))).toEqual([]);
    expect(library.find("a", secondBefore(instant))).toBeUndefined();
    expect(slugs(library.list(instant))).toEqual(["a"]);
    expect(library.find("a", instant)?.slug).toBe("a");
  });

  test("a draft stays one when its day has come", async () => {
    const library = await libraryOf({ "a.md": article({ draft: "true", date: "2026-01-01" }) });
    expect(library.list(tuesday)).toEqual([]);
  });
});

describe("what to read next", () => {
  const files = {
    "start.md": article({ date: "2026-05-01", related: "[hidden, old, start]" }),
    "old.md": article({ date: "2026-01-01" }),
    "new.md": article({ date: "2026-06-01" }),
    "newer.md": article({ date: "2026-06-02" }),
    "hidden.md": article({ draft: "true" }),
  };

  test("is the author's choice first and then the newest, never the article itself or a hidden one", async () => {
    const library = await libraryOf(files);
    const start = library.find("start", tuesday);
    if (!start) throw new Error("start.md is public");
    expect(slugs(library.related(start, tuesday, 9))).toEqual(["old", "newer", "new"]);
    expect(slugs(library.related(start, tuesday, 2))).toEqual(["old", "newer"]);
    expect(slugs(library.related(start, new Date("2026-06-01T12:00:00Z"), 9))).toEqual(["old", "new"]);
  });
});

describe("a folder in which something is wrong", () => {
  test("loads the other files and lists every error of every wrong one", async () => {
    const library = await libraryOf({
      "good.md": article(),
      "typo.md": article({ drfat: "true", title: "5" }),
      "html.md": article({}, "One.\n\n<b>Two</b>\n"),
      "Bad Name.md": article(),
    });
    expect(slugs(library.list(tuesday))).toEqual(["good"]);
    expect(library.find("typo", tuesday)).toBeUndefined();
    const told = library.errors().map(({ file, line }) => `${path.basename(file)}:${line}`);
    expect(told.sort()).toEqual(["Bad Name.md:1", "html.md:9", "typo.md:2", "typo.md:6"]);
  });

  test("a file that cannot be read is told, and the others are there", async () => {
    const folder = await temporaryFolder();
    folders.push(folder);
    await writeFile(path.join(folder.dir, "authors.yaml"), authorsFile);
    await writeFile(path.join(folder.dir, "good.md"), article());
    await symlink("nowhere.md", path.join(folder.dir, "dangling.md"));
    const library = await openLibrary(folder.dir);
    expect(slugs(library.list(tuesday))).toEqual(["good"]);
    expect(library.errors()).toEqual([expect.objectContaining({ line: 1, message: "is missing or cannot be read" })]);
  });

  test("the lock file of an editor is no article", async () => {
    const library = await libraryOf({ "good.md": article(), ".#good.md": "locked" });
    expect([slugs(library.list(tuesday)), library.errors()]).toEqual([["good"], []]);
  });

  test("a broken authors.yaml is told once, with its line, and not again for each article", async () => {
    const library = await libraryOf({ "authors.yaml": "a:\n  name: A\na:\n  name: B\n", "one.md": article(), "two.md": article() });
    expect(library.errors()).toEqual([{ file: expect.stringMatching(/authors\.yaml$/), line: 3, message: "Map keys must be unique" }]);
  });

  test("says that authors.yaml is missing", async () => {
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
  ])("says that authors.yaml has %s", async (_what, source, message) => {
    const library = await libraryOf({ "authors.yaml": source });
    expect(library.errors()).toEqual([
      { file: expect.stringMatching(/authors\.yaml$/), line: expect.any(Number), message: expect.stringMatching(message) },
    ]);
  });
});

test("a body is rendered once, however often it is asked for", async () => {
  const library = await libraryOf({ "a.md": article({}, "One.\n\n## Two\n") });
  const found = library.find("a", tuesday);
  if (!found) throw new Error("a.md is public");
  expect(await library.body(found)).toContain('<p class="standfirst">One.</p>');
  expect(library.body(found)).toBe(library.body(found));
});
