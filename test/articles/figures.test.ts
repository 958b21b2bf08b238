// The figures of articles are what their scripts draw from the stored output, in the colours of the site.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const articles = path.resolve(import.meta.dirname, "../../articles");
const examples = path.join(articles, "examples");
const scripts = readdirSync(examples)
  .map((slug) => `${slug}/figure.mjs`)
  .filter((name) => existsSync(path.join(examples, name)));

describe("figures of articles", () => {
  test.each(scripts)("%s draws what articles/images/ holds", async (script) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      path.join(examples, script),
      "--check",
    ]);
    expect(stdout).toMatch(/^(articles\/images\/[\w./-]+\.svg shows the stored output\.\n)+$/);
  });

  test("are all drawn by a script", () => {
    const drawn = scripts.map((script) => readFileSync(path.join(examples, script), "utf8")).join();
    const names = readdirSync(path.join(articles, "images"), { recursive: true, encoding: "utf8" });
    const images = names.filter((name) => name.endsWith(".svg"));
    expect(images.length).toBeGreaterThan(0);
    expect(
      images.filter((name) => !drawn.includes(`"${name.replace(/^small\/(.*)\.svg$/, "$1")}"`)),
    ).toEqual([]);
  });
});
