// The programs and outputs of an article over HTTP: their list, the files as plain text, and nothing else.

import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { HtmlValidate } from "html-validate";
import request from "supertest";
import { articleFile, articlesFolder, buildSiteOf } from "../support/articles.ts";
import { elementsNamed } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const readme = `---
versions: OpenJDK 25; Debian 13
runs:
  - command: java Retries.java
    output: output.txt
    needs: [Java 21]
    seconds: 4
  - command: java Retries.java --long
    output: timing/Long-Output.txt
    needs: [Java 21, PostgreSQL, libh2-java (Debian) at /usr/share/java/h2.jar]
    seconds: 120
    varies: ['\\d+ ms']
---

# Retries

- \`Retries.java\`: A simulation of \`clients\` that <retry>.
- \`timing/Long-Output.txt\`: What it printed
  after two minutes.
- \`output.txt\`: What it printed.
`;
const program = "class Retries { /* <script>alert(1)</script> æ */ }\n";

const files = {
  "retries.md": articleFile(
    { title: "Retries & more", aliases: "[/articles/old-retries]" },
    'One.\n\n```java file="Retries.java"\n…\n```\n',
  ),
  "bare.md": articleFile({ title: "Bare" }),
  "examples/retries/README.md": readme,
  "examples/retries/Retries.java": program,
  "examples/retries/output.txt": "828 refused\n",
  "examples/retries/timing/Long-Output.txt": "3 ms\n",
  "examples/retries/.hidden": "canary\n",
  "examples/retries/.git/config": "canary\n",
  "examples/retries/binary.txt": "canary\0\n",
  "examples/retries/long.txt": "canary ".repeat(30_000),
  "examples/figure.mjs": "canary\n",
  "images/secret.txt": "canary\n",
};

const base = "/articles/retries/examples";

let site: Awaited<ReturnType<typeof buildSiteOf>>;
beforeAll(async () => {
  site = await buildSiteOf(files);
});
afterAll(() => site.close());

const get = (address: string) => request(site.server).get(address);

describe("the list of an article's examples", () => {
  test("has each file with its sentence in the order of the README, and the commands", async () => {
    const { status, headers, text } = await get(base);
    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    const links = elementsNamed(text, "a").map(({ attributes }) => attributes["href"] ?? "");
    expect(links.filter((href) => href.startsWith(`${base}/`))).toEqual(
      [
        "Retries.java",
        "timing/Long-Output.txt",
        "output.txt",
        "README.md",
        "output.txt",
        "timing/Long-Output.txt",
      ].map((name) => `${base}/${name}`),
    );
    expect(links).toContain("/articles/retries");
    expect(text).toContain("A simulation of <code>clients</code> that &lt;retry&gt;.");
    expect(text).toContain("What it printed after two minutes.");
    expect(text).toContain("in about 4 seconds.</li>");
    expect(text).toContain(
      "in about 2 minutes. Parts of the output vary between runs or versions.</li>",
    );
    expect(text).toContain(
      "You need Java 21, PostgreSQL and libh2-java (Debian). The stored output was produced with OpenJDK 25; Debian 13.",
    );
  });

  test("is valid HTML with a canonical URL, and is in the sitemap", async () => {
    const validator = new HtmlValidate({
      extends: ["html-validate:recommended"],
      rules: { "doctype-style": "off" },
    });
    const { text } = await get(base);
    expect((await validator.validateString(text)).results).toEqual([]);
    expect(text).toContain(`<link rel="canonical" href="http://localhost:3000${base}">`);
    expect((await get("/sitemap.xml")).text).toContain(`<loc>http://localhost:3000${base}</loc>`);
  });

  test("does not exist for an article without examples", async () => {
    expect((await get("/articles/bare/examples")).status).toBe(404);
    expect((await get("/articles/bare")).text).not.toContain("Run it yourself");
    expect((await get("/sitemap.xml")).text).not.toContain("/articles/bare/examples");
  });

  test("of an example without a valid README has the files without sentences", async () => {
    const own = await buildSiteOf({
      "a.md": articleFile(),
      "examples/a/A.java": "class A {}\n",
      "examples/a/README.md": "# A\n",
    });
    const { status, text } = await request(own.server).get("/articles/a/examples");
    const article = await request(own.server).get("/articles/a");
    await own.close();
    expect([
      status,
      elementsNamed(text, "li").some(({ attributes }) => attributes["class"]),
    ]).toEqual([200, false]);
    expect(text).toContain('<a href="/articles/a/examples/A.java">A.java</a></li>');
    expect(article.text).toContain('<a href="/articles/a/examples">');
  });
});

describe("the article", () => {
  test("ends with the commands, below its text and above the pitch", async () => {
    const { text } = await get("/articles/retries");
    const places = [
      "<figcaption>",
      'id="page-run-it-yourself"',
      `<a href="${base}">`,
      "Scale Your Backend",
    ].map((part) => text.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(text).toContain(
      `<figcaption><a href="${base}/Retries.java">Retries.java</a></figcaption>`,
    );
  });

  test("names the list in its Markdown", async () => {
    expect((await get("/articles/retries.md")).text).toContain(
      `\nexamples: http://localhost:3000${base}\n`,
    );
    expect((await get("/articles/bare.md")).text).not.toContain("examples:");
  });
});

describe("a file", () => {
  test.each([
    ["Retries.java", program],
    ["timing/Long-Output.txt", "3 ms\n"],
    ["README.md", readme],
  ])("%s is sent unchanged as plain text", async (name, content) => {
    const { status, headers, text } = await get(`${base}/${name}`);
    expect([status, headers["content-type"], headers["x-content-type-options"], text]).toEqual([
      200,
      "text/plain; charset=utf-8",
      "nosniff",
      content,
    ]);
  });

  test("is cached like a page, and an ETag that matches is a 304", async () => {
    const { headers } = await get(`${base}/Retries.java`);
    expect(headers["cache-control"]).toBe("public, max-age=300");
    const again = await get(`${base}/Retries.java`).set("If-None-Match", headers["etag"] ?? "none");
    expect([again.status, again.text]).toEqual([304, ""]);
    const head = await request(site.server).head(`${base}/Retries.java`);
    expect([head.status, head.headers["content-length"]]).toEqual([
      200,
      String(Buffer.byteLength(program)),
    ]);
    expect((await request(site.server).post(`${base}/Retries.java`)).status).toBe(405);
  });

  test.each([
    [`/Articles/RETRIES/Examples/Retries.java?a=B`, `${base}/Retries.java?a=B`],
    [`${base}/timing/Long-Output.txt/`, `${base}/timing/Long-Output.txt`],
    [`${base}/`, base],
    [`${base}//`, base],
    ["/ARTICLES/retries/EXAMPLES/", base],
  ])("%s redirects to %s", async (address, canonical) => {
    const { status, headers } = await get(address);
    expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${canonical}`]);
  });

  test.each(["", "/Retries.java", "/timing/Long-Output.txt"])(
    "of a renamed article redirects from its former URL: %j",
    async (name) => {
      const { status, headers } = await get(`/articles/old-retries/examples${name}`);
      expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${base}${name}`]);
    },
  );

  const absent = `/retries.java /.hidden /.git/config /binary.txt /long.txt /nothing /timing /Retries.java.md /__proto__ /constructor
    /../../../images/secret.txt /%2e%2e/figure.mjs /..%2ffigure.mjs /../figure.mjs /%2e%2e%2f%2e%2e%2fretries.md /timing%2FLong-Output.txt
    /timing%5cLong-Output.txt /Retries%2ejava /Retries.java%00 /./Retries.java //Retries.java /timing//Long-Output.txt /etc/passwd //etc/passwd`;
  test.each(absent.split(/\s+/))("%s does not exist", async (name) => {
    const { status, text } = await get(base + name);
    expect([status, /canary/.test(text)]).toEqual([404, false]);
  });
});

describe.each(["draft: true", "date: 2026-12-01"])(
  "the examples of an article with %s",
  (front) => {
    const [key = "", value = ""] = front.split(": ");
    let hidden: typeof site;
    beforeAll(async () => {
      hidden = await buildSiteOf({
        "a.md": articleFile({ [key]: value }, 'One.\n\n```text file="A.txt"\ncanary\n```\n'),
        "examples/a/A.txt": "canary\n",
        "b.md": articleFile({ title: "B" }),
      });
    });
    afterAll(() => hidden.close());

    test("are 404, whatever the spelling of the URL and the method", async () => {
      const names = `/articles/a/examples /articles/a/examples.md /articles/a/examples/A.txt /articles/a/examples/A.txt.md
      /articles/%61/examples/A.txt /articles/a/examples/%41.txt /articles/b/examples/../../a/examples/A.txt /articles/b/examples/%2e%2e/a/A.txt
      /articles/b%2f..%2fa/examples/A.txt /articles/a%2fexamples%2fa.txt /examples/a/a.txt /articles/examples/a/a.txt`;
      for (const name of names.split(/\s+/)) {
        const [got, asMarkdown] = [
          await request(hidden.server).get(name),
          await request(hidden.server).get(name).set("Accept", "text/markdown"),
        ];
        const { status, headers } = await request(hidden.server).head(name);
        expect([name, got.status, asMarkdown.status, status, headers["etag"]]).toEqual([
          name,
          404,
          404,
          404,
          undefined,
        ]);
        expect(got.text).not.toContain("canary");
      }
      const upperCase = await request(hidden.server).get("/articles/A/examples/A.txt");
      expect([upperCase.status, upperCase.headers["location"]]).toEqual([
        301,
        "http://localhost:3000/articles/a/examples/A.txt",
      ]);
    });

    test("are public once the article is", async () => {
      await writeFile(path.join(hidden.articlesDir, "a.md"), articleFile());
      await hidden.library.refresh();
      expect((await request(hidden.server).get("/articles/a/examples/A.txt")).text).toBe(
        "canary\n",
      );
    });
  },
);

test("symbolic links, folders behind them and named pipes are not served", async () => {
  const { dir, remove } = await articlesFolder({
    "a.md": articleFile(),
    "examples/a/A.java": "class A {}\n",
    "images/secret.txt": "canary\n",
  });
  const other = await articlesFolder({
    "b.md": articleFile(),
    "examples/b/secret.txt": "canary\n",
  });
  await symlink(path.join(dir, "images/secret.txt"), path.join(dir, "examples/a/link.txt"));
  await symlink(path.join(dir, "images"), path.join(dir, "examples/a/images"));
  await symlink(path.join(other.dir, "examples/b"), path.join(dir, "examples/b"));
  await writeFile(path.join(dir, "b.md"), articleFile({ title: "B" }));
  const own = await buildTestSite({ env: { ARTICLES_DIR: dir } });
  const names = [
    "a/examples/link.txt",
    "a/examples/images/secret.txt",
    "a/examples/images",
    "b/examples",
    "b/examples/secret.txt",
  ];
  const statuses = [];
  for (const name of names)
    statuses.push((await request(own.server).get(`/articles/${name}`)).status);
  await own.close();
  await Promise.all([remove(), other.remove()]);
  expect(statuses).toEqual([404, 404, 404, 404, 404]);
});

describe("a file that changes", () => {
  let own: typeof site;
  beforeEach(async () => {
    own = await buildSiteOf({ "a.md": articleFile(), "examples/a/A.java": "class A {}\n" });
  });
  afterEach(() => own.close());
  const ofOwn = (name: string) => request(own.server).get(`/articles/a/examples${name}`);

  test("is sent as it is now, and the list has new files", async () => {
    await ofOwn("/A.java");
    const before = own.library.version();
    await writeFile(path.join(own.articlesDir, "examples/a/A.java"), "class A { int b; }\n");
    await mkdir(path.join(own.articlesDir, "examples/a/more"));
    await writeFile(path.join(own.articlesDir, "examples/a/more/B.java"), "class B {}\n");
    expect(await own.library.refresh()).toEqual([]);
    expect(own.library.version()).toBe(before + 1);
    expect((await ofOwn("/A.java")).text).toBe("class A { int b; }\n");
    expect((await ofOwn("")).text).toContain("more/B.java");
    expect((await ofOwn("/more/B.java")).status).toBe(200);
    expect(await own.library.refresh()).toBeUndefined();
  });

  test("and leaves its folder empty is a 404, also as a list", async () => {
    await rm(path.join(own.articlesDir, "examples/a/A.java"));
    await own.library.refresh(); // one missing file may be a save
    await own.library.refresh();
    expect([(await ofOwn("/A.java")).status, (await ofOwn("")).status]).toEqual([404, 404]);
    expect(await own.library.refresh()).toBeUndefined();
  });

  test("or is deleted, with its folder, is a 404", async () => {
    await rm(path.join(own.articlesDir, "examples"), { recursive: true });
    await own.library.refresh(); // one missing file may be a save
    await own.library.refresh();
    expect([(await ofOwn("/A.java")).status, (await ofOwn("")).status]).toEqual([404, 404]);
    expect(await own.library.refresh()).toBeUndefined();
  });
});
