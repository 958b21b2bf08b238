// What pages say in rows: a mistake in a YAML file beside a view is named with its file and line.

import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { viewsDir } from "../../src/views.ts";
import { loadWords } from "../../src/web/words.ts";
import { temporaryFolder } from "../support/site.ts";

/** Reads a copy of the views in which `from` in the file is replaced, everywhere, by `to`. */
async function loadChanged(file: string, from: string, to: string) {
  const { dir } = await temporaryFolder();
  await cp(viewsDir, dir, { recursive: true });
  const text = await readFile(path.join(dir, file), "utf8");
  const line = text.slice(0, text.indexOf(from)).split("\n").length;
  await writeFile(path.join(dir, file), text.replace(from, to));
  return { line, load: () => loadWords(dir) };
}

test("a wrong key is named with the file and the line", async () => {
  const { line, load } = await loadChanged(
    "pages/how-we-work.yaml",
    "  Thursday:\n    title:",
    "  Thursday:\n    titel:",
  );
  expect(load).toThrow(`views/pages/how-we-work.yaml:${line + 1}: unknown key "titel": use title,`);
  expect(load).toThrow(`views/pages/how-we-work.yaml:${line}: "days.Thursday.title" is missing`);
});

test("a kind of help that the form offers needs its words", async () => {
  const { load } = await loadChanged("pages/services.yaml", "  release:\n", "  realease:\n");
  expect(load).toThrow(/^views\/pages\/services\.yaml:\d+: "kinds\.release" is missing$/m);
  expect(load).toThrow(/^views\/pages\/services\.yaml:\d+: unknown key "realease"/m);
});

test("a file that YAML can't read is named with the line", async () => {
  const { line, load } = await loadChanged(
    "partials/pitch.yaml",
    "  Scalable Architecture: >-",
    "  Scalable Architecture: two: colons",
  );
  expect(load).toThrow(new RegExp(`^views/partials/pitch\\.yaml:${line}`));
});

test("links and bold words become HTML, and HTML is shown as it is written", async () => {
  const sentence = "One **bold** [link](/contact), and <b>this</b> [not](javascript:alert)";
  const { load } = await loadChanged(
    "partials/pitch.yaml",
    "  Domain-Driven Design:",
    `  New: "${sentence}"\n  Domain-Driven Design:`,
  );
  expect(load().pitch.points["New"]).toEqual({
    html: 'One <strong>bold</strong> <a href="/contact">link</a>, and &lt;b&gt;this&lt;/b&gt; [not](javascript:alert)',
  });
});
