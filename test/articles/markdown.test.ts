// Tests the HTML of an article's Markdown, that nothing in it becomes markup of its own, and its outline.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { bodyFacts } from "../../src/articles/body-facts.ts";
import { renderBody } from "../../src/articles/body-html.ts";

const nothing = {
  findImage: () => undefined,
  findExample: () => undefined,
  rewriteLink: (target: string) => target,
};
const render = (body: string): string => renderBody(body, nothing);
const read = (body: string) => bodyFacts({ slug: "a", file: "a.md", body });
const words = (count: number) => "word ".repeat(count).trim();

test("a line that would take seconds to highlight is not highlighted", () => {
  const html = render(`\`\`\`java\nint ${"a".repeat(180_000)};\n\`\`\`\n`);
  expect(html).not.toContain("hljs");
  expect(render(`\`\`\`java\nint ${"a".repeat(490)};\n\`\`\`\n`)).toContain("hljs");
});

test("rendered/body.md becomes rendered/expected.txt", async () => {
  const at = (name: string) => path.join(import.meta.dirname, "rendered", name);
  const image = { address: "/images/a.0.png", width: 8, height: 20, figure: undefined };
  const html = renderBody(await readFile(at("body.md"), "utf8"), {
    findImage: (file) => (file === "images/a.png" ? { ...image, content: Buffer.of() } : undefined),
    findExample: (file) => (file === "A.java" ? "/articles/a/examples/A.java" : undefined),
    rewriteLink: (target) => target,
  });
  expect(html).toBe(await readFile(at("expected.txt"), "utf8"));
});

describe("nothing an author writes becomes markup of its own", () => {
  test.each([
    "[a](javascript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](data:text/html,x)",
    "![a](data:image/svg+xml;base64,x)",
    "<javascript:alert(1)>",
    "[a]\n\n[a]: javascript:alert(1)",
  ])("%j is neither a link nor an image", (source) => {
    expect(render(source)).not.toMatch(/<a|<img|href=|src=/);
  });

  const hostile = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload="x" style="y">',
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
  test("has the sections with their words, of which 238 take a minute", () => {
    const first = `## First one\n\n${words(47)}\n\n\`\`\`java\n${words(60)}\n\`\`\`\n\n${words(10)}\n`;
    const body = `${words(119)}\n\n${first}\n## Second\n\n${words(237)}\n`;
    expect(read(body).outline).toEqual({
      words: 476,
      readingMinutes: 2,
      sections: [
        { id: "", title: "", hasCode: false, words: 119 },
        { id: "first-one", title: "First one", hasCode: true, words: 119 },
        { id: "second", title: "Second", hasCode: false, words: 238 },
      ],
    });
  });

  test("has no section for a missing introduction, and at least one minute", () => {
    const outline = read("## Only\n").outline;
    expect(outline.sections.map(({ title }) => title)).toEqual(["Only"]);
    expect(outline.readingMinutes).toBe(1);
  });
});
