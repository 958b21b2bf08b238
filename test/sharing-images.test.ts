// The images that other sites show beside a link: drawn when an article is written, and served.

import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { imageSize } from "image-size";
import { loadArticles } from "../src/articles/load.ts";
import { articleImages, missingIn } from "../src/articles/sharing-image.ts";
import { drawMissing, wantedImages } from "../src/cli/images.ts";
import { articleFile, articlesFolder, buildSiteOf } from "./support/articles.ts";
import { elementsNamed } from "./support/html.ts";

const articlesDir = path.resolve(import.meta.dirname, "../articles");

test("every image that this repository wants is drawn, and no two are equal", () => {
  const wanted = [...wantedImages(articlesDir)];
  const missing = wanted.flatMap(([dir, images]) => missingIn(dir, images));
  if (missing.length > 0)
    throw new Error(`run npm run images: ${missing.map(({ file }) => file).join(", ")} is missing`);
  const drawn = wanted.flatMap(([dir, images]) => images.map(({ file }) => path.join(dir, file)));
  const contents = drawn.map((file) => readFileSync(file));
  for (const content of contents) {
    expect(imageSize(content)).toMatchObject({ type: "png", width: 1_200, height: 630 });
    expect(content.length).toBeLessThan(60_000);
  }
  expect(new Set(contents.map(String)).size).toBe(contents.length);
});

/** Draws the images of a folder of articles, and returns the names of the new files. */
const draw = (dir: string) =>
  drawMissing(path.join(dir, "sharing"), articleImages(loadArticles(dir)));

test("an article has its own image until its title changes, then the site's", async () => {
  await using site = await buildSiteOf({ "a.md": articleFile({ title: "One" }) });
  const { articlesDir } = site.config;
  const imageOf = async (address: string) => {
    const metas = elementsNamed((await site.get(address)).text, "meta");
    const image = metas.find(({ property }) => property === "og:image");
    const { pathname } = new URL(image?.["content"] ?? "", site.config.siteUrl);
    const { status, body } = await site.get(pathname);
    expect(status).toBe(200);
    return body as Buffer;
  };
  const sites = await imageOf("/");
  expect((await imageOf("/articles/a")).equals(sites)).toBe(true);
  const [file = ""] = draw(articlesDir);
  site.library.refresh();
  const own = readFileSync(path.join(articlesDir, "sharing", file));
  expect((await imageOf("/articles/a")).equals(own)).toBe(true);
  await writeFile(path.join(articlesDir, "a.md"), articleFile({ title: "Two" }));
  site.library.refresh();
  expect((await imageOf("/articles/a")).equals(sites)).toBe(true);
});

test("an image that is out of date is replaced, and a draft has none", async () => {
  const draft = articleFile({ title: "Not yet", draft: "true" });
  await using folder = await articlesFolder({ "a.md": articleFile(), "draft.md": draft });
  const [before] = draw(folder.dir);
  expect(draw(folder.dir)).toEqual([]);
  await folder.save("a.md", articleFile({ title: "Longer queues" }));
  const [after] = draw(folder.dir);
  expect(after).not.toBe(before);
  expect(readdirSync(folder.at("sharing"))).toEqual([after]);
});

test.each([
  ["a letter that the font lacks", '"p99 ≤ 200 µs, says Łukasz"', ['no "≤"', 'no "Ł"']],
  ["a word that is wider than the image", "W".repeat(60), ["too long"]],
])("%s is refused", async (_what, title, messages) => {
  await using folder = await articlesFolder({
    "a.md": articleFile({ title }),
  });
  for (const message of messages) expect(() => draw(folder.dir)).toThrow(message);
  expect(readdirSync(folder.dir)).not.toContain("sharing");
});
