// `npm run examples`: runs the examples of articles and compares their output with the stored output.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { compareOutputs } from "../articles/example-output.ts";
import type { Run } from "../articles/example-readme.ts";
import type { Example } from "../articles/examples.ts";
import { examplesFolder } from "../articles/files.ts";
import { openLibrary } from "../articles/library.ts";
import { suggestWord } from "../articles/yaml.ts";
import { OperatorError } from "../operator-error.ts";
import {
  readArguments,
  readConfig,
  runProcess,
  UsageError,
  type Call,
  type Command,
} from "./environment.ts";
import { missingNeeds, runExample } from "./run-example.ts";

const help = `npm run examples [-- SLUG…]

Runs the examples of all articles, or of these, and compares what they print with the stored outputs.
Commands that need something this machine lacks are skipped.

  --write                stores what is printed instead of comparing it

Exit codes: 0 nothing differs, 1 something differs or failed, 2 wrong arguments.`;

const options = { write: { type: "boolean" } } as const;

type Outcome = "compared" | "stored" | "skipped" | "wrong";
type Report = (outcome: Outcome, command: string, message: string, details?: string[]) => void;

async function main({ args, env, print }: Call): Promise<void> {
  const { values, positionals } = readArguments({ args, options, allowPositionals: true }, help);
  const counts: Record<Outcome, number> = { compared: 0, stored: 0, skipped: 0, wrong: 0 };
  const report: Report = (outcome, command, message, details = []) => {
    counts[outcome] += 1;
    print(`  ${command}: ${message}`);
    for (const line of details) print(`    ${line}`);
  };
  const { articlesDir } = readConfig(env);
  const library = await openLibrary(articlesDir, { showHidden: true });
  const all = library.list(new Date()).flatMap((article) => {
    const example = library.exampleOf(article);
    return example ? [{ slug: article.slug, example }] : [];
  });
  const slugs = all.map(({ slug }) => slug);
  for (const slug of positionals)
    if (!slugs.includes(slug))
      throw new UsageError(`${slug} has no examples${suggestWord(slug, slugs)}`);
  for (const { slug, example } of all) {
    if (positionals.length > 0 && !positionals.includes(slug)) continue;
    print(slug);
    if (!example.readme)
      report("wrong", "README.md", "npm run article -- check says what is wrong");
    for (const run of example.readme?.runs ?? [])
      await check(path.join(articlesDir, examplesFolder, slug), example, run, report, values.write);
  }
  print(
    `${counts.compared} as stored, ${counts.stored} stored, ${counts.skipped} skipped, ${counts.wrong} wrong.`,
  );
  if (counts.wrong > 0)
    throw new OperatorError("An example no longer prints what its article says.");
}

async function check(
  dir: string,
  { files }: Example,
  run: Run,
  report: Report,
  stores = false,
): Promise<void> {
  const missing = missingNeeds(run.needs);
  if (missing.length > 0)
    return report("skipped", run.command, `SKIPPED: needs ${missing.join(", ")}`);
  const startedAt = performance.now();
  const { printed, ending, isComplete } = await runExample(dir, run);
  const seconds = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  if (!isComplete) return report("wrong", run.command, ending);
  if (stores) {
    writeFileSync(path.join(dir, run.output), printed);
    return report("stored", run.command, `stored in ${run.output}, ${seconds}`);
  }
  const differences = compareOutputs(files.get(run.output) ?? "", printed, run);
  if (differences.length > 0)
    return report(
      "wrong",
      run.command,
      `differs from ${run.output}, ${seconds}, ${ending}`,
      differences,
    );
  report("compared", run.command, `as stored, ${seconds}`);
}

export const examples: Command = { help, main };
if (import.meta.main) {
  process.once("SIGINT", () => process.exit(130)); // ends the example that is running
  await runProcess(examples);
}
