// The images of articles, as pages, feeds and other sites show them.

import { articleFile, buildSiteOf, svg } from "../support/articles.ts";
import { elementsNamed } from "../support/html.ts";

/** One pixel of each kind. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const webp = Buffer.from("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==", "base64");

const files = {
  "a.md": articleFile(
    { title: "A" },
    '![Less \\< *more* and `code`](images/cover.PNG) Text.\n\n![Five "bars" & more](images/retry-storm.svg "Drawn for this page.")\n\nIn a line: ![](images/dot.gif) and ![w](images/dot.webp).\n',
  ),
  "odd.md": articleFile(
    { title: "Odd" },
    "![1](images/Upper-Case.SVG) ![2](images/two%20words.svg) ![3](images/blåbær.svg) ![4](./images/100%25.svg)\n",
  ),
  "bare.md": articleFile({ title: "Bare" }),
  "images/cover.PNG": png,
  "images/dot.gif": gif,
  "images/dot.webp": webp,
  "images/unused.svg": svg(7),
  "images/retry-storm.svg": svg(640, "<script>alert(1)</script>"),
  "images/Upper-Case.SVG": svg(1),
  "images/two words.svg": svg(2),
  "images/blåbær.svg": svg(3),
  "images/100%.svg": svg(4),
};

const site = await buildSiteOf(files);

const { get } = site;
/** The images of an article's page, in order. */
const imagesOf = async (slug: string) =>
  elementsNamed((await get(`/articles/${slug}`)).text, "img").map(({ attributes }) => attributes);
const addressOf = async (name: RegExp) =>
  (await imagesOf("a")).map(({ src = "" }) => src).find((src) => name.test(src)) ?? "";

test("an article shows images with their sizes and alternative texts", async () => {
  const [cover, figure, dot, webp] = await imagesOf("a");
  expect(cover).toMatchObject({
    alt: "Less < more and code",
    width: "1",
    height: "1",
    src: expect.stringMatching(/^\/images\/images\/cover\.[0-9a-f]{10}\.png$/),
  });
  expect(figure).toMatchObject({ alt: 'Five "bars" & more', width: "640", height: "20" });
  expect([dot?.["alt"], dot?.["width"], webp?.["width"]]).toEqual(["", "1", "1"]);
});

test.each([
  [/cover/, "image/png", png],
  [/dot.*gif/, "image/gif", gif],
  [/dot.*webp/, "image/webp", webp],
  [/retry-storm/, "image/svg+xml", Buffer.from(files["images/retry-storm.svg"])],
])("%s is served as %s, unchanged and for a year", async (name, type, bytes) => {
  const { status, headers, body } = await get(await addressOf(name));
  expect([status, headers["content-type"], bytes.equals(body as Buffer)]).toEqual([
    200,
    type,
    true,
  ]);
  expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
});

test("an SVG that is opened by itself runs no script", async () => {
  const { headers } = await get(await addressOf(/retry-storm/));
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none'(?!.*script-src)/);
});

test("names with capitals, spaces, other letters or a percent sign work", async () => {
  const images = await imagesOf("odd");
  expect(images.map(({ width }) => width)).toEqual(["1", "2", "3", "4"]);
  for (const { src = "" } of images) expect([src, (await get(src)).status]).toEqual([src, 200]);
});

const absent = `/images /images/images/cover.png /images/images/cover.0000000000.png /images/images/retry-storm.svg /images/authors.yaml /images/a.md
  /images/../authors.yaml /images/..%2fauthors.yaml /images/%2e%2e/%2e%2e/package.json /images/%00 /images//etc/passwd /images/__proto__`;
test.each(absent.split(/\s+/))("%s does not exist", async (address) => {
  const { status, text } = await site.get(address).redirects(1);
  expect([status, /Some One|svg xmlns/.test(text)]).toEqual([404, false]);
});

test.each(["/og/none.png", "/og/bare", "/og/bare.svg", "/og/../package.png"])(
  "%s, a sharing image, does not exist",
  async (address) => expect((await get(address)).status).toBe(404),
);

test("an image with another content has another URL", async () => {
  const shown = async (image: string) => {
    const article = articleFile({}, "![x](images/x.svg)\n");
    await using own = await buildSiteOf({ "a.md": article, "images/x.svg": image });
    return elementsNamed((await own.get("/articles/a")).text, "img")[0]?.attributes["src"];
  };
  expect(await shown(svg(1))).not.toBe(await shown(svg(2)));
});
