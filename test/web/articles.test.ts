// An article as its readers see it: every key of its front matter, which the guide for authors
// describes, its images and figures, and the programs and outputs of its examples.

import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { FrontMatter } from "../../src/articles/article.ts";
import { colours } from "../../src/colours.ts";
import { articleFile, buildSiteOf, svg } from "../support/articles.ts";
import { attributesOf, elementsNamed, pageOf } from "../support/html.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

/** Each key with a value and what readers see of it, at which URL. A key that is missing here does not compile. */
const keys: { [Key in keyof FrontMatter]-?: [value: string, shown: string, at?: string] } = {
  title: ["Queues & bounds", "<h1>Queues &amp; bounds</h1>"],
  description: ["d".repeat(80), `<meta name="description" content="${"d".repeat(80)}">`],
  author: ["someone", ">Some One</a>, Engineer at"],
  date: ["2026-11-20", ">20 November 2026</time>"],
  updated: ["{ date: 2026-11-22, change: A word. }", ">22 November 2026</time>: A word."],
  topics: ["[Java]", 'href="/topics/java">Java</a>'],
  series: ["{ name: Waiting, part: 2 }", "Part 2 of 2 in “Waiting”"],
  finding: ["{ symptom: It hangs & waits }", "“It hangs &amp; waits”</p>", "/articles"],
  related: ["[other]", '<h3><a href="/articles/other">'],
  aliases: ["[/old]", "/articles/a", "/old"],
  draft: ["false", "<h1>Queues &amp; bounds</h1>"],
};
const front = Object.fromEntries(Object.entries(keys).map(([key, [value]]) => [key, value]));

/** One pixel of each kind. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const webp = Buffer.from("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==", "base64");
const storm = svg(640, "<script>alert(1)</script>");
const figures = ["retries-multiply-recovery", "retries-multiply-cliff"];

const readme = `# Retries

- [Retries.java](Retries.java): A simulation of \`clients\` that <retry>.
- [timing/Long-Output.txt](timing/Long-Output.txt): What it printed.
- [timing/words.txt](timing/words.txt), [timing/table.txt](timing/table.txt): What
  they have: \`words\`.

## Run it yourself

- \`java Retries.java\` prints [timing/Long-Output.txt](timing/Long-Output.txt) in about 4 seconds.
`;
const program = "class Retries { /* <script>alert(1)</script> æ */ }\n";

const site = await buildSiteOf({
  "a.md": articleFile(front),
  "other.md": articleFile({ title: "Other", date: "2020-01-01" }),
  "newer.md": articleFile({ title: "Newer", topics: "[Java]" }),
  "newest.md": articleFile({ title: "Newest", topics: "[Java]", date: "2026-11-23" }),
  "wrong.md": articleFile({ title: "Wrong", drfat: "true" }),
  "bare.md": articleFile({ title: "Bare" }),
  "images.md": articleFile(
    { title: "Images" },
    '![Less \\< *more* and `code`](images/cover.PNG) Text.\n\n![Five "bars" & more](images/retry-storm.svg "Drawn for this page.")\n\nIn a line: ![](images/dot.gif) and ![w](images/dot.webp).\n',
  ),
  "odd.md": articleFile(
    { title: "Odd" },
    "![1](images/Upper-Case.SVG) ![2](images/two%20words.svg) ![3](images/blåbær.svg) ![4](./images/100%25.svg)\n",
  ),
  "addresses.md": articleFile(
    { title: "Addresses" },
    "Ask [it](http://HOST:PORT/), http://10.0.0.256/ or [there](//).\n",
  ),
  "figures.md": articleFile(
    { title: "Figures" },
    figures.map((name) => `![It never ends. Bars of ${name}.](images/${name}.svg)\n`).join("\n"),
  ),
  "sentence.md": articleFile(
    { title: "Sentence" },
    `In ![a sentence](images/${figures[0]}.svg) of words.\n`,
  ),
  "retries.md": articleFile(
    { title: "Retries", aliases: "[/articles/old]" },
    'One.\n\n```java file="Retries.java"\n…\n```\n',
  ),
  "images/cover.PNG": png,
  "images/dot.gif": gif,
  "images/dot.webp": webp,
  "images/unused.svg": svg(7),
  "images/retry-storm.svg": storm,
  "images/Upper-Case.SVG": svg(1),
  "images/two words.svg": svg(2),
  "images/blåbær.svg": svg(3),
  "images/100%.svg": svg(4),
  ...Object.fromEntries(
    figures.map((name) => [`images/${name}.svg`, read(`articles/images/${name}.svg`)]),
  ),
  "examples/retries/README.md": readme,
  "examples/retries/Retries.java": program,
  "examples/retries/timing/Long-Output.txt": "3 ms\n",
  "examples/retries/timing/words.txt": `${"A long line of words. ".repeat(10)}\n`,
  "examples/retries/timing/table.txt": `${"A column     of a table ".repeat(10)}\n`,
  "examples/retries/.hidden": "canary\n",
  "examples/retries/.git/config": "canary\n",
  "examples/retries/binary.txt": "canary\0\n",
  "examples/retries/long.txt": "canary ".repeat(150_000),
  "examples/figure.mjs": "canary\n",
  "images/secret.txt": "canary\n",
});
const { get } = site;

describe("front matter", () => {
  test("every key is shown", async () => {
    for (const [key, [, shown, at = "/articles/a"]] of Object.entries(keys)) {
      const response = await get(at);
      const seen = (response.headers["location"] ?? "") + pageOf(response);
      expect([key, seen.includes(shown)]).toEqual([key, true]);
    }
  });

  test("the guide for authors describes exactly the keys that exist", () => {
    const [, table = ""] =
      /## What an article needs\n([\s\S]*?)\n## /.exec(read("docs/writing-articles.md")) ?? [];
    const described = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, key = ""]) => key);
    expect(described.toSorted()).toEqual(Object.keys(keys).toSorted());
  });

  test("a link that is no URL is shown as it was written", async () => {
    const links = attributesOf((await get("/articles/addresses")).text, "href");
    expect(links).toEqual(
      expect.arrayContaining(["http://HOST:PORT/", "http://10.0.0.256/", "//"]),
    );
  });

  test("an article with an error is logged at the start and not shown", async () => {
    expect((await get("/articles/wrong")).status).toBe(404);
    expect(site.logged).toContainEqual(
      expect.objectContaining({
        level: "error",
        article: expect.stringMatching(/wrong\.md:6: unknown key/),
      }),
    );
  });
});

/** What is in the URL of an image. */
const hashOf = (content: string | Buffer) => `.${hash("sha256", content).slice(0, 10)}.`;

describe("images", () => {
  /** The images of an article's page, in order. */
  const imagesOf = async (slug: string) =>
    elementsNamed((await get(`/articles/${slug}`)).text, "img");
  const addressOf = async (name: RegExp) =>
    (await imagesOf("images")).map(({ src = "" }) => src).find((src) => name.test(src)) ?? "";

  test("are shown with their sizes and alternative texts", async () => {
    const [cover, figure, dot, webp] = await imagesOf("images");
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
    [/retry-storm/, "image/svg+xml", Buffer.from(storm)],
  ])("%s is served as %s, unchanged, for a year, and runs no script", async (name, type, bytes) => {
    const address = await addressOf(name);
    expect(address).toContain(hashOf(bytes)); // another content has another URL
    const { status, headers, body } = await get(address);
    expect([status, bytes.equals(body as Buffer)]).toEqual([200, true]);
    expect(headers).toMatchObject({
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": expect.stringMatching(/^default-src 'none'(?!.*script-src)/),
    });
  });

  test("names with capitals, spaces, other letters or a percent sign work", async () => {
    const images = await imagesOf("odd");
    expect(images.map(({ width }) => width)).toEqual(["1", "2", "3", "4"]);
    for (const { src = "" } of images) expect([src, (await get(src)).status]).toEqual([src, 200]);
  });

  const absent = `/images /images/images/cover.png /images/images/cover.0000000000.png /images/images/retry-storm.svg /images/authors.yaml
    /images/a.md /images/../authors.yaml /images/..%2fauthors.yaml /images/%2e%2e/%2e%2e/package.json /images/%00 /images//etc/passwd
    /images/__proto__ /og/none.png /og/bare /og/bare.svg /og/../package.png`;
  test.each(absent.split(/\s+/))("%s does not exist", async (address) => {
    const { status, text } = await get(address).redirects(1);
    expect([status, /Some One|svg xmlns/.test(text)]).toEqual([404, false]);
  });
});

describe("figures", () => {
  test("are part of the page, labelled by their alternative texts", async () => {
    const page = pageOf(await get("/articles/figures"));
    expect(elementsNamed(page, "svg").filter(({ role }) => role)).toEqual(
      figures.map((name) => ({
        class: "figure",
        role: "img",
        "aria-label": `Bars of ${name}.`,
        viewbox: expect.any(String) as string,
      })),
    );
    expect(page).toContain('fill="var(--hot)"');
    expect(elementsNamed(page, "img")).toEqual([]);
    expect(attributesOf(page, "id").filter((id) => /^[td]$/.test(id))).toEqual([]); // of the files
  });

  test("inside a sentence are images", async () => {
    const page = pageOf(await get("/articles/sentence"));
    expect(page).toMatch(/<p>In <img [^>]+ alt="a sentence"[^>]*> of words\.<\/p>/);
  });

  test("are images with the colours of both schemes in feeds", async () => {
    const feed = (await get("/feed.atom")).text;
    const source = /src=&#34;http:\/\/localhost:3000(\/images\/images\/retries-multiply[^&]+)/g;
    const paths = new Set(Array.from(feed.matchAll(source), ([, path = ""]) => path));
    expect(paths.size).toBe(2);
    for (const path of paths) {
      const { type, body } = await get(path).expect(200);
      expect([path, type]).toEqual([path, "image/svg+xml"]);
      const file = String(body);
      expect(file).toContain(`:root{--accent:${colours.light.accent};`);
      expect(file).toContain(`{:root{--accent:${colours.dark.accent};`);
      expect(file).toContain("@media (min-width: 480px) { .figure text");
      expect(file).not.toContain("@container");
      expect(path).toContain(hashOf(file));
    }
  });

  test("in articles/images/ are what their scripts draw from stored output", async () => {
    const scripts = globSync(path.join(projectDir, "articles/examples/*/figure.mjs"));
    const drawAll = `for (const script of process.argv.slice(1, -1)) {
      process.argv[1] = script; // which an error names
      console.log(script);
      await import(script);
    }`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--eval",
      drawAll,
      "--",
      ...scripts,
      "--check",
    ]);
    const figure = String.raw`articles/images/[\w./-]+\.svg shows the stored output\.\n`;
    expect(stdout).toMatch(
      new RegExp(`^${scripts.map((script) => `${script}\n(${figure})+`).join("")}$`),
    );
  });
});

const base = "/articles/retries/examples";
describe("the page of an article's examples", () => {
  test("is the README, with links to the files", async () => {
    const { text } = await get(base);
    const links = attributesOf(text, "href");
    expect(links.filter((href) => href.startsWith(`${base}/`))).toEqual(
      "Retries.java timing/Long-Output.txt timing/words.txt timing/table.txt timing/Long-Output.txt README.md?plain"
        .split(" ")
        .map((name) => `${base}/${name}`),
    );
    expect(text).toContain("A simulation of <code>clients</code> that &lt;retry&gt;.");
    expect(text).toContain("<code>java Retries.java</code> prints");
    expect(links).toContain("/articles/retries");
  });

  test("wraps code and the long lines of a text, but not those of a table", async () => {
    const wrapped = '<pre class="code rows">';
    expect((await get(`${base}/Retries.java`)).text).toContain(wrapped);
    expect((await get(`${base}/timing/words.txt`)).text).toContain(wrapped);
    expect((await get(`${base}/timing/table.txt`)).text).not.toContain(wrapped);
  });

  test("is linked by the article below its text, and in its Markdown", async () => {
    const { text } = await get("/articles/retries");
    const caption = `<figcaption><a href="${base}/Retries.java">Retries.java</a></figcaption>`;
    const parts = [caption, 'id="page-run-it-yourself"', `<a href="${base}">`, 'id="page-pitch"'];
    const places = parts.map((part) => text.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect((await get("/articles/retries.md")).text).toContain(
      `\nexamples: http://localhost:3000${base}\n`,
    );
  });

  test("does not exist for an article without examples", async () => {
    expect((await get("/articles/bare/examples")).status).toBe(404);
    for (const address of ["/articles/bare", "/articles/bare.md", "/sitemap.xml"])
      expect((await get(address)).text).not.toMatch(/Run it yourself|examples:|bare\/examples/);
  });

  test.each(["", "/Retries.java", "/timing/Long-Output.txt"])(
    "redirects from the former URL of the examples%s",
    async (name) => {
      const { status, headers } = await get(`/articles/old/examples${name}`);
      expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${base}${name}`]);
      expect((await get(`/articles/older/examples${name}`)).status).toBe(404);
    },
  );
});

describe("a file of the examples", () => {
  test("is a page with its name, its text, and links around it", async () => {
    const { text } = await get(`${base}/Retries.java`);
    const around = [base, "/articles/retries", "?plain"];
    expect(attributesOf(text, "href")).toEqual(expect.arrayContaining(around));
    expect(text).toContain("<h1>Retries.java</h1>");
    expect(text).toContain(">A simulation of clients that &lt;retry&gt;.</p>");
    expect((await get(`${base}/timing/table.txt`)).text).toContain(">What they have: words.</p>");
    expect(text).toMatch(/class<\/span> .*&lt;script&gt;alert\(1\)&lt;\/script&gt; æ/);
  });

  test.each([
    ["Retries.java", program],
    ["timing/Long-Output.txt", "3 ms\n"],
    ["README.md", readme],
  ])("%s is sent unchanged as plain text", async (name, content) => {
    const { status, headers, text } = await get(`${base}/${name}?plain`);
    expect([status, text]).toEqual([200, content]);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  test.each([
    ["?x=1", ""],
    ["?plain=1&x=1", "?plain"],
  ])("%s costs a redirect, because the response is that of %j", async (query, kept) => {
    const { status, headers } = await get(`${base}/Retries.java${query}`);
    expect([status, headers["location"]]).toEqual([
      301,
      `http://localhost:3000${base}/Retries.java${kept}`,
    ]);
  });

  const absent = `/retries.java /.hidden /.git/config /binary.txt /long.txt /nothing /timing /Retries.java.md /__proto__ /constructor
    /../../../images/secret.txt /%2e%2e/figure.mjs /..%2ffigure.mjs /../figure.mjs /%2e%2e%2f%2e%2e%2fretries.md /timing%2FLong-Output.txt
    /timing%5cLong-Output.txt /Retries%2ejava /Retries.java%00 /./Retries.java //Retries.java /timing//Long-Output.txt //etc/passwd`;
  test.each(absent.split(/\s+/))("%s does not exist", async (name) => {
    const { status, text } = await get(base + name);
    expect([status, /canary/.test(text)]).toEqual([404, false]);
  });
});
