// Tests which articles of a folder readers see, when and in which order, and how the folder is read
// again after a change.

import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ArticleError } from "../../src/articles/article-error.ts";
import { openLibrary, watchLibrary } from "../../src/articles/library.ts";
import { articleFile, articlesFolder, svg } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const folders: AsyncDisposable[] = [];
afterAll(() => Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]())));

/**
 * Opens a library over these files. `save` and `remove` return the errors of the reload, as
 * "a.md:6".
 */
async function open(files: Record<string, string>) {
  const folder = await articlesFolder(files);
  folders.push(folder);
  const library = openLibrary(folder.dir);
  const placesOf = (errors: ArticleError[]) =>
    errors.map(({ file, line }) => `${path.basename(file)}:${line}`);
  return {
    ...folder,
    library,
    save: async (name: string, content: string) => {
      await folder.save(name, content);
      return placesOf(library.refresh());
    },
    remove: async (name: string) => {
      await rm(folder.at(name));
      return placesOf(library.refresh());
    },
    slugs: (now = tuesday) => library.list(now).map(({ slug }) => slug),
    titles: () => library.list(tuesday).map(({ title }) => title),
    wrong: () => placesOf(library.errors()),
  };
}

const article = (title: string, front: Record<string, string> = {}) =>
  articleFile({ title, ...front });
const secondBefore = (instant: Date) => new Date(instant.getTime() - 1_000);

test("the list has the .md files of the folder itself, newest first", async () => {
  const others =
    "notes.txt b.md~ c.markdown sub/x.md examples/a/x.md _notes/x.md .git/x.md .#a.md images/._photo.png";
  const { at, library, slugs, wrong } = await open({
    "b.md": articleFile({ date: "2026-03-01" }),
    "c.md": articleFile({ date: "2026-03-02" }),
    "a-2.md": articleFile({ date: "2026-03-01" }),
    "a.md": articleFile({ date: "2026-02-28" }),
    ...Object.fromEntries(others.split(" ").map((name) => [name, articleFile()])),
    "_hidden/x.svg": svg(),
  });
  await symlink("/etc/hostname", at("link.md"));
  await symlink(at("_hidden"), at("images/linked"));
  execFileSync("mkfifo", [at("pipe.md")]);
  library.refresh();
  expect([wrong(), slugs()]).toEqual([[], ["c", "a-2", "b", "a"]]);
  expect(library.image("images/linked/x.svg")).toBeUndefined();
});

test("a folder that is missing is refused with the name of the setting", () => {
  expect(() => openLibrary("/nowhere")).toThrow("is not a readable folder: check ARTICLES_DIR.");
});

test.each([
  ["midnight in Copenhagen in winter", "2026-11-25", "2026-11-24T23:00:00Z"],
  ["midnight in Copenhagen in summer", "2026-07-01", "2026-06-30T22:00:00Z"],
  ["the instant that the author gave", "2026-11-24T09:00:00+07:00", "2026-11-24T02:00:00Z"],
])("an article becomes public at %s and not a second earlier", async (_when, date, iso) => {
  const { library, slugs } = await open({ "a.md": articleFile({ date }) });
  const instant = new Date(iso);
  expect([slugs(secondBefore(instant)), slugs(instant)]).toEqual([[], ["a"]]);
  expect(library.nextPublishing(secondBefore(instant))).toEqual(instant);
  expect(library.nextPublishing(instant)).toBeUndefined();
});

describe("after a change", () => {
  test("one article with an error stays as it was, and the others change", async () => {
    const files = { "a.md": article("A"), "b.md": article("B"), "c.md": article("C") };
    const { library, save, remove, titles, wrong } = await open(files);
    expect(await library.search("changed", tuesday, { max: 9 })).toEqual([]);
    expect(await save("a.md", article("Worse", { drfat: "true" }))).toEqual(["a.md:6"]);
    await remove("b.md");
    expect(await save("c.md", article("Changed"))).toEqual(["a.md:6"]);
    expect(await save("d.md", article("New"))).toEqual(["a.md:6"]);
    expect([titles(), wrong()]).toEqual([["A", "Changed", "New"], ["a.md:6"]]);
    expect(await save("a.md", "<<<<<<< HEAD\n")).toEqual(["a.md:1"]);
    expect(titles()).toEqual(["A", "Changed", "New"]);
    const found = await library.search("changed", tuesday, { max: 9 });
    expect(found.map(({ article }) => article.slug)).toEqual(["c"]);
    expect(await save("a.md", article("Corrected"))).toEqual([]);
    expect(titles()).toEqual(["Corrected", "Changed", "New"]);
    await save("a.md", "broken");
    await remove("a.md");
    expect([titles(), wrong()]).toEqual([["Changed", "New"], []]);
  });

  test("an article stays if its author is not in authors.yaml any more", async () => {
    const files = { "a.md": article("A"), "b.md": article("B", { author: "other" }) };
    const { library, save, titles } = await open({
      ...files,
      "authors.yaml": "someone:\n  name: One\nother:\n  name: Other\n",
    });
    expect(await save("authors.yaml", "someone:\n  name: Renamed\n")).toEqual(["b.md:4"]);
    expect(titles()).toEqual(["A", "B"]);
    expect(library.find("a", tuesday)?.author.name).toBe("Renamed");
    expect(library.find("b", tuesday)?.author.name).toBe("Other");
  });

  test("chosen.yaml with an error stays as it was", async () => {
    const files = { "a.md": article("A"), "chosen.yaml": "plan: a\n" };
    const { library, save, titles } = await open(files);
    await save("chosen.yaml", "plna: a\n");
    expect(await save("a.md", article("Changed"))).toEqual([]);
    expect([library.chosen().plan, titles()]).toEqual(["a", ["Changed"]]);
    await save("chosen.yaml", "");
    expect(library.chosen().plan).toBe("");
  });

  test.each(["- broken\n", "", "~\n"])("authors.yaml with %j keeps all as it was", async (text) => {
    const { save, titles } = await open({ "a.md": article("A") });
    expect(await save("authors.yaml", text)).toEqual(["authors.yaml:1"]);
    expect(await save("a.md", article("Changed"))).toEqual(["authors.yaml:1"]);
    expect(titles()).toEqual(["A"]);
    expect(await save("authors.yaml", "someone:\n  name: Other\n")).toEqual([]);
    expect(titles()).toEqual(["Changed"]);
  });
});

describe("watching", () => {
  const reloaded = "the articles were reloaded";

  /** Watches a library. `logged` makes a change and waits for a line in the log. */
  async function watched(files: Record<string, string>) {
    const own = await open(files);
    let notice = (_line: unknown) => {};
    const say = (details: unknown, text = details) => notice(text);
    const log = { info: say, error: say };
    const stop = watchLibrary(own.library, log, { quietMs: 50, retryMs: 200 });
    const logged = async (expected: string, change: () => Promise<unknown>) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      notice = (line) => line === expected && resolve();
      await change();
      return promise;
    };
    return { ...own, logged, stop };
  }

  test("notices a save, an error, and a file in a new folder", async () => {
    const { library, at, titles, logged, stop } = await watched({ "a.md": article("A") });
    await logged(reloaded, () => writeFile(at("a.md"), article("Noticed")));
    expect(titles()).toEqual(["Noticed"]);
    const error = "an article has an error: readers see it as it was before";
    await logged(error, () => writeFile(at("a.md"), "broken"));
    await logged(reloaded, () => writeFile(at("a.md"), article("Mended")));
    expect(titles()).toEqual(["Mended"]);
    const folder = at("examples/a/deep");
    await logged(reloaded, () => mkdir(folder, { recursive: true }));
    for (const content of ["int a;\n", "int b;\n"]) {
      await logged(reloaded, () => writeFile(path.join(folder, "A.java"), content));
      const found = library.find("a", tuesday);
      expect(found && library.examples(found)?.get("deep/A.java")).toBe(content);
    }
    stop();
  });

  test("notices what git merge and an editor that renames write, once", async () => {
    const { at, titles, library, logged, stop } = await watched({ "a.md": article("A") });
    await logged(reloaded, async () => {
      writeFileSync(at("a.md~"), article("Renamed"));
      renameSync(at("a.md~"), at("a.md"));
      for (const name of ["b", "c", "d"]) writeFileSync(at(`${name}.md`), article(name));
    });
    expect([titles(), library.version()]).toEqual([["Renamed", "b", "c", "d"], 1]);
    stop();
  });

  test("says that the folder is gone, and notices that it is back", async () => {
    const { at, dir, titles, logged, stop } = await watched({ "a.md": article("A") });
    const away = `${dir}-away`;
    await logged("the articles could not be reloaded", () => rename(dir, away));
    expect(titles()).toEqual(["A"]);
    await logged(reloaded, () => rename(away, dir));
    await logged(reloaded, () => writeFile(at("a.md"), article("Again")));
    expect(titles()).toEqual(["Again"]);
    stop();
  });
});
