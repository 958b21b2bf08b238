// The author's command: `npm run article -- …`. It makes a draft, finds everything that is wrong, and tells a draft's private address.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatError, previewToken } from "../articles/article.ts";
import { createCheck } from "../articles/check.ts";
import { maxTitleLength, parseAuthors } from "../articles/front-matter.ts";
import { openLibrary } from "../articles/library.ts";
import { slugOf } from "../articles/slug.ts";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { linkablePaths } from "../web/pages.ts";
import { CommandError, fail, readArguments, readConfig, shownPath, UsageError } from "./environment.ts";

const help = `npm run article -- COMMAND

  new "TITLE"            makes a draft for it; with --author KEY, one of those in authors.yaml
  check [FILE…]          finds everything that is wrong, in all articles or in these
  preview SLUG           the private address of a draft, from PREVIEW_SECRET; with --site https://… on that site

Exit codes: 0 done, 1 something is wrong, 2 called wrongly.`;

const projectDir = path.resolve(import.meta.dirname, "../..");
const print = (text: string) => process.stdout.write(`${text}\n`);

const options = { author: { type: "string" }, site: { type: "string" }, help: { type: "boolean" } } as const;
const { values, positionals } = readArguments({ options, allowPositionals: true }, help);

async function main(): Promise<void> {
  const [command, ...words] = positionals;
  if (command === "new") return makeDraft(readConfig(), words.join(" "), values.author);
  if (command === "check") return check(readConfig(), words);
  if (command === "preview") return preview(readConfig(), words[0] ?? "");
  throw new UsageError(command ? `"${command}" is no command.\n\n${help}` : help);
}

function makeDraft({ articlesDir }: Config, title: string, wanted: string | undefined): void {
  const slug = slugOf(title);
  if (!slug) throw new UsageError('a title is wanted: npm run article -- new "Why Queues Wait"');
  if (title.length > maxTitleLength) throw new UsageError(`a title has ${maxTitleLength} characters at most, and this one ${title.length}`);
  const { authors, errors } = parseAuthors("authors.yaml", readFileSync(path.join(articlesDir, "authors.yaml"), "utf8"));
  if (errors.length > 0) throw new CommandError(errors.map(formatError).join("\n"));
  const house = [...authors.values()].find(({ role }) => role === undefined); // a person signs what they put their name to
  const author = wanted ?? house?.key ?? [...authors.keys()][0] ?? "";
  if (!authors.has(author)) throw new UsageError(`"${author}" is not in authors.yaml, which has ${[...authors.keys()].join(", ")}`);
  const date = new Date().toLocaleDateString("sv-SE", { timeZone: company.headOffice.timeZone }); // Swedes write 2026-11-24
  const template = readFileSync(path.join(projectDir, "articles/_template.md"), "utf8");
  const filled: Record<string, string> = { '"TITLE"': JSON.stringify(title), AUTHOR: author, DATE: date };
  const draft = template.replace(/"TITLE"|\bAUTHOR\b|\bDATE\b/g, (word) => filled[word] ?? word);
  const file = path.join(articlesDir, `${slug}.md`);
  writeFileSync(file, draft, { flag: "wx" });
  print(`${shownPath(file)} is a draft by ${author}. Write it, and see it at /articles/${slug} under \`npm run dev\`.`);
  print("To publish it: set `date`, take out `draft: true`, and run `npm run article -- check`.");
}

async function check({ articlesDir }: Config, files: string[]): Promise<void> {
  const wanted = files.map((file) => `${path.basename(file, ".md")}.md`);
  const characters = readFileSync(path.join(projectDir, "static/fonts/characters.txt"), "utf8");
  const library = await openLibrary(articlesDir, { showHidden: true });
  const all = await createCheck(library, characters, linkablePaths())(new Date());
  const errors = all.filter(({ file }) => wanted.length === 0 || wanted.includes(path.basename(file)));
  for (const error of errors) print(formatError(error));
  for (const name of wanted) readFileSync(path.join(articlesDir, name)); // a name that is misspelt is not "nothing wrong"
  if (errors.length > 0) throw new CommandError(errors.length === 1 ? "One thing is wrong." : `${errors.length} things are wrong.`);
  print("Nothing is wrong.");
}

async function preview({ articlesDir, previewSecret, siteUrl }: Config, name: string): Promise<void> {
  const slug = path.basename(name, ".md");
  const library = await openLibrary(articlesDir, { showHidden: true });
  if (!library.find(slug, new Date())) throw new UsageError(`there is no article ${slug}.md that could be shown`);
  if (!previewSecret) throw new UsageError("PREVIEW_SECRET is not set; it has to be the same here and on the live site");
  print(`${(values.site ?? siteUrl).replace(/\/$/, "")}/drafts/${previewToken(previewSecret, slug)}`);
}

await main().then(() => process.exit(), fail);
