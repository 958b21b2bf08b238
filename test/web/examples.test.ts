// The programs and outputs of an article over HTTP: their README, a page for each file, the file as
// plain text, and nothing else.

import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf } from "../support/html.ts";

const readme = `# Retries

- [Retries.java](Retries.java): A simulation of \`clients\` that <retry>.
- [timing/Long-Output.txt](timing/Long-Output.txt): What it printed.
- [timing/words.txt](timing/words.txt), [timing/table.txt](timing/table.txt): What
  they have: \`words\`.

## Run it yourself

- \`java Retries.java\` prints [timing/Long-Output.txt](timing/Long-Output.txt) in about 4 seconds.
`;
const program = "class Retries { /* <script>alert(1)</script> æ */ }\n";
const files = {
  "retries.md": articleFile(
    { aliases: "[/articles/old]" },
    'One.\n\n```java file="Retries.java"\n…\n```\n',
  ),
  "bare.md": articleFile({ title: "Bare" }),
  "plain.md": articleFile({ title: "Plain" }),
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
};
const base = "/articles/retries/examples";

const site = await buildSiteOf(files);
const { get } = site;

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

  test("wraps the long lines of a text, but not those of a table", async () => {
    const wrapped = '<pre class="code rows">';
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
    expect((await get("/articles/plain/examples")).status).toBe(404);
    for (const address of ["/articles/bare", "/articles/bare.md", "/sitemap.xml"])
      expect((await get(address)).text).not.toMatch(/Run it yourself|examples:|bare\/examples/);
  });
});

test.each(["", "/Retries.java", "/timing/Long-Output.txt"])(
  "the former URL of the examples%s redirects to the current one",
  async (name) => {
    const { status, headers } = await get(`/articles/old/examples${name}`);
    expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${base}${name}`]);
    expect((await get(`/articles/older/examples${name}`)).status).toBe(404);
  },
);

describe("a file", () => {
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

  const absent = `/retries.java /.hidden /.git/config /binary.txt /long.txt /nothing /timing /Retries.java.md /__proto__ /constructor
    /../../../images/secret.txt /%2e%2e/figure.mjs /..%2ffigure.mjs /../figure.mjs /%2e%2e%2f%2e%2e%2fretries.md /timing%2FLong-Output.txt
    /timing%5cLong-Output.txt /Retries%2ejava /Retries.java%00 /./Retries.java //Retries.java /timing//Long-Output.txt //etc/passwd`;
  test.each(absent.split(/\s+/))("%s does not exist", async (name) => {
    const { status, text } = await get(base + name);
    expect([status, /canary/.test(text)]).toEqual([404, false]);
  });
});
