// Tests the HTML of an article's Markdown: ids, tables, notes and code, and that nothing in it becomes markup of its own.

import { bodyFacts } from "../../src/articles/body-facts.ts";
import { renderBody } from "../../src/articles/markdown.ts";

const nothing = {
  findImage: () => undefined,
  findExample: () => undefined,
  hrefOf: (target: string) => target,
};
const render = (body: string): string => renderBody(body, nothing);
const read = (body: string) => bodyFacts({ slug: "a", file: "a.md", body, bodyLine: 1 });
const words = (count: number) => "word ".repeat(count).trim();

const valuesOf = (attribute: string, html: string) =>
  [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) => value);

test("a line that would take seconds to highlight is not highlighted", () => {
  const html = render(`\`\`\`java\nint ${"a".repeat(180_000)};\n\`\`\`\n`);
  expect(html).not.toContain("hljs");
  expect(render(`\`\`\`java\nint ${"a".repeat(490)};\n\`\`\`\n`)).toContain("hljs");
});

describe("headings", () => {
  test("have the ids that GitHub gives them, unique in the article", () => {
    const html = render(
      "## A queue\n\n## A queue\n\n## A queue 2\n\n### *Why* `it` waits\n\n## Året & øen\n\n## !!!\n",
    );
    expect(valuesOf("id", html)).toEqual([
      "a-queue",
      "a-queue-1",
      "a-queue-2",
      "why-it-waits",
      "året--øen",
      "section",
    ]);
  });

  test("never have an id that begins with page-, which the page around the article uses", () => {
    const ids = valuesOf("id", render("## Page\n\n## Page-note-1\n\n### page 2\n\n## Page\n"));
    expect(ids).toEqual([
      "section-page",
      "section-page-note-1",
      "section-page-2",
      "section-page-1",
    ]);
  });
});

test("a table is in a named element that the keyboard can scroll, aligned by classes", () => {
  const html = render("| a | b | c |\n|:--|--:|:-:|\n| 1 | 2 | 3 |\n");
  expect(html).toContain('<div class="scroll" role="group" tabindex="0" aria-label="Table">');
  expect(html).toContain('<th scope="col" class="right">b</th>');
  expect(html).toContain('<td class="center">3</td>');
  expect(html).not.toContain("style=");
});

test.each([
  ["https://a.example/x?y=1.", '<a href="https://a.example/x?y=1">https://a.example/x?y=1</a>.'],
  ["(http://a.example)", '(<a href="http://a.example">http://a.example</a>)'],
  ["`https://a.example`", "<code>https://a.example</code>"],
  ["[x](https://a.example)", '<a href="https://a.example">x</a>'],
  ["www.a.example, a.example", "www.a.example, a.example"],
  ["a@a.example mailto:a@a.example", "a@a.example mailto:a@a.example"],
  ["//a.example ftp://a.example", "//a.example ftp://a.example"],
])("%s has a link only where its text is a URL", (body, expected) => {
  expect(render(`${body}\n`)).toBe(`<p>${expected}</p>\n`);
});

describe("code", () => {
  test.each([
    [
      "java",
      'int a; // "b"',
      '<span class="hljs-type">int</span> a; <span class="hljs-comment">// ',
    ],
    ["JS", "f(1 < 2)", '(<span class="hljs-number">1</span> &lt; <span class="hljs-number">2</sp'],
    ["console", "$ ls\n$ 3", '<span class="hljs-meta prompt_">$ </span>'],
    ["text", 'if <b> & "c" # &amp;', 'if &lt;b&gt; &amp; "c" # &amp;amp;'],
  ])("in %s is highlighted by classes only", (language, code, expected) => {
    expect(render(`\`\`\`${language}\n${code}\n\`\`\`\n`)).toContain(expected);
  });

  test("links to the file that it names, which is the caption without a title", () => {
    const body =
      '```java file="A.java"\nint a;\n```\n\n```java file="A.java#part" title="A part"\nint a;\n```\n\n```text file="none.txt"\n```\n';
    const html = renderBody(body, {
      ...nothing,
      findExample: (name) => (name === "A.java" ? "/articles/a/examples/A.java" : undefined),
    });
    const link = '<a href="/articles/a/examples/A.java">A.java</a>';
    const captions = [...html.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(
      ([, caption]) => caption,
    );
    expect(captions).toEqual([link, `A part ${link}`, "none.txt"]);
    expect(valuesOf("aria-label", html)).toEqual(["A.java", "A part", "none.txt"]);
  });
});

describe("nothing an author writes becomes markup of its own", () => {
  test.each([
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](data:text/html,x)",
    "![a](data:image/svg+xml;base64,x)",
    "![a](javascript:x)",
    "<javascript:alert(1)>",
    "[a]\n\n[a]: javascript:alert(1)",
  ])("%j is neither a link nor an image", (source) => {
    expect(render(source)).not.toMatch(/<a|<img|href=|src=/);
  });

  const hostile = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload="x" style="y">',
    "' onerror='x' style='y",
    '" onerror="x" style="y',
    "-->{{x}}<%= x %>${x}&lt;script&gt;",
  ];
  const places: ((text: string) => string)[] = [
    (text) => `One ${text} two.`,
    (text) => text,
    (text) => `## ${text}`,
    (text) => `- ${text}`,
    (text) => `| ${text} |\n|---|\n| ${text} |`,
    (text) => `\`${text}\` ![${text}](x.png "${text}") [${text}](/x '${text}') [x](/${text})`,
    (text) => `One[^1], two[^${text}].\n\n[^1]: ${text}\n[^${text}]: x`,
    (text) => `\`\`\`text title="${text}"\n${text}\n\`\`\``,
    (text) => `\`\`\`text file="${text}"\n${text}\n\`\`\``,
    (text) => `\`\`\`console title="${text}"\n$ ${text}\n\`\`\``,
    (text) => `\`\`\`java\n// ${text}\nString s = "${text}";\n\`\`\``,
    (text) => `\`\`\`${text}\n${text}\n\`\`\``,
  ];
  const tag =
    /^<\/?[a-z][a-z0-9]*(?: (?:id|class|href|src|alt|title|tabindex|scope|role|aria-label|loading|decoding)="[^"<>]*")*>$/;

  test.each(hostile)("%s stays text in every place", (text) => {
    for (const place of places) {
      const html = render(`${place(text)}\n`);
      // Text is escaped, so what begins with "<" is a tag: one of ours, with attributes of ours.
      const tags = html.match(/<[^>]*>?/g) ?? [];
      expect(
        tags.filter((found) => !tag.test(found) || /^<\/?(script|svg|style)/.test(found)),
      ).toEqual([]);
    }
  });
});

describe("the outline", () => {
  test("has the sections with their reading times at 238 words a minute", () => {
    const first = `## First one\n\n${words(47)}\n\n\`\`\`java\n${words(60)}\n\`\`\`\n\n${words(10)}\n`;
    const body = `${words(119)}\n\n${first}\n## Second\n\n${words(237)}\n`;
    expect(read(body).outline).toEqual({
      words: 476,
      readingMinutes: 2,
      sections: [
        { id: "", title: "", hasCode: false, startSeconds: 0, seconds: 30 },
        { id: "first-one", title: "First one", hasCode: true, startSeconds: 30, seconds: 30 },
        { id: "second", title: "Second", hasCode: false, startSeconds: 60, seconds: 60 },
      ],
    });
  });

  test("has no section for a missing introduction, and at least one minute", () => {
    const outline = read("## Only\n").outline;
    expect(outline.sections.map(({ title }) => title)).toEqual(["Only"]);
    expect(outline.readingMinutes).toBe(1);
  });
});
