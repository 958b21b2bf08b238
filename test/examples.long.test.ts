// The examples of articles that print the same at every run still print what is stored, the shortest first, as many as fit into a minute.
// `npm run examples` runs all of them.

import path from "node:path";
import { compareOutputs } from "../src/articles/example-output.ts";
import { isDeterministic } from "../src/articles/example-readme.ts";
import { examplesFolder } from "../src/articles/files.ts";
import { openLibrary } from "../src/articles/library.ts";
import { missingNeeds, runExample } from "../src/cli/run-example.ts";

const budgetSeconds = 60;
const articlesDir = path.resolve(import.meta.dirname, "../articles");

const library = await openLibrary(articlesDir, { showHidden: true });
const all = library.list(new Date()).flatMap((article) => {
  const { readme, files } = library.exampleOf(article) ?? {};
  return (readme?.runs ?? []).map((run) => ({
    slug: article.slug,
    run,
    stored: files?.get(run.output) ?? "",
  }));
});
library.close();
const deterministic = all
  .filter(({ run }) => isDeterministic(run))
  .sort((a, b) => a.run.seconds - b.run.seconds);
let total = 0;
const chosen = deterministic.filter(({ run: { seconds } }) => (total += seconds) <= budgetSeconds);

test("there are examples to run", () => {
  expect(chosen.length).toBeGreaterThan(5);
});

for (const { slug, run, stored } of chosen) {
  const name = `${slug}: ${run.command} prints ${run.output}`;
  const missing = missingNeeds(run.needs);
  if (missing.length > 0) {
    process.stderr.write(`\nSKIPPED: "${name}" needs ${missing.join(", ")}\n`);
    test.skip(name, () => undefined); // it cannot run without them: a second JDK or Debian’s Spring jars, which not every machine has
    continue;
  }
  test(
    name,
    async () => {
      const { printed, ending, isComplete } = await runExample(
        path.join(articlesDir, examplesFolder, slug),
        run,
      );
      const differences = compareOutputs(stored, printed, run);
      expect({ differences, ending: isComplete ? "" : ending }).toEqual({
        differences: [],
        ending: "",
      });
    },
    120_000,
  );
}
