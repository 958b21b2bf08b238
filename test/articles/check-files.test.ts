// What `npm run article -- check` finds about images and examples, the files beside the articles.

import { articleFile as file, check } from "../support/articles.ts";

test("an image over the limit is reported where it is used", async () => {
  const found = await check({
    "a.md": file({}, "One.\n\n![x](images/large.png)\n"),
    "images/large.png": Buffer.alloc(1_000_001),
  });
  expect(found[0]).toBe("a.md:9: the image images/large.png has 1001 KB, and the limit is 1000 KB");
});

describe("an article's examples", () => {
  const listing = 'One.\n\n```java file="A.java"\nint a;\nint b;\n```\n';
  const readme = "# A\n\n- [A.java](A.java): A program.\n";
  const checkWith = (files: Record<string, string>, body = listing) =>
    check({ "a.md": file({}, body), "examples/a/README.md": readme, ...files });

  test("are compared with the code blocks that name them", async () => {
    expect(await checkWith({ "examples/a/A.java": "int a;\nint c;\n" })).toEqual([
      'a.md:11: "int b;" is not in A.java at this place: copy the line',
    ]);
    expect(await checkWith({ "examples/a/A.java": "class A {\n  int a;\n  int b;\n}\n" })).toEqual(
      [],
    );
    expect(await checkWith({ "examples/b/A.java": "int a;\nint b;\n" }, listing)).toEqual([
      "a.md:9: there is no examples/a/A.java; `npm run examples -- a` writes the outputs that its README names",
      "README.md:3: links to A.java, but there is no examples/a/A.java; `npm run examples -- a` writes the outputs that its README names",
      "README.md:1: is missing: it says what each file is, and how to run the programs",
      "README.md:1: there is no b.md: rename the folder like its article, or delete it",
    ]);
    const empty = 'One.\n\n```java file="A.java"\n```\n';
    expect(await checkWith({ "examples/a/A.java": "int a;\n" }, empty)).toEqual([
      "a.md:9: the block is empty: paste the lines of the file",
    ]);
  });

  test("are reported after a rename of the article alone", async () => {
    const files = { "b.md": file({}, listing), "examples/a/README.md": "# A\n" };
    expect(await check(files)).toEqual([
      "b.md:9: there is no folder examples/b: if you have renamed the article, rename the folder",
      "README.md:1: there is no a.md: rename the folder like its article, or delete it",
    ]);
  });

  test("may be linked", async () => {
    const body = "[x](A.java) [y](/articles/a/examples)\n";
    expect(await checkWith({ "examples/a/A.java": "int a;\n" }, body)).toEqual([]);
  });

  test.each([
    ['"2,500"', "output.txt:2", undefined],
    ["5 of 2500", "output.txt:2", undefined],
    ["7.0 ms", "output.txt:3", undefined],
    ['"500"', "output.txt:2", "500 is not in line 2 of output.txt: correct the number or the line"],
    ['"5"', "output.txt:9", "5 is not in line 9 of output.txt: correct the number or the line"],
    ['"5"', "outputs.txt:2", 'there is no examples/a/outputs.txt, did you mean "output.txt"?'],
  ])(
    "have the number %s of its finding in %s, or it is reported",
    async (number, source, wrong) => {
      const finding = `{ symptom: Rows are missing, number: ${number}, unit: rows, source: ${source} }`;
      const found = await check({
        "a.md": file({ finding }),
        "examples/a/README.md": "# A\n",
        "examples/a/output.txt": "never read\n  2500 5\n  7 ms\n",
      });
      const message = expect.stringContaining(`a.md:6: "finding.source": ${wrong}`) as string;
      expect(found).toEqual(wrong ? [message] : []);
    },
  );

  test("are text files with plain names, and others are reported", async () => {
    const files = {
      "examples/a/A.java": "int a;\n",
      "examples/a/long.txt": "x".repeat(200_001),
      "examples/a/nul.txt": "a\0b",
      "examples/a/two words.txt": "x",
      "examples/a/.hidden": "x",
    };
    expect(await checkWith(files, "Hello.\n")).toEqual([
      "long.txt:1: has 201 KB, and the limit is 200 KB",
      "nul.txt:1: is not text in UTF-8, or has a control character: save it as UTF-8",
      "two words.txt:1: has a name with other characters than a-z A-Z 0-9 . _ -",
    ]);
  });
});
