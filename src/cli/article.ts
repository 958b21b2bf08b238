// The author's command, `npm run article -- …`: creates a draft, checks articles, and prints a
// draft's private URL.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatError, previewToken, slugOf } from "../articles/article.ts";
import { checkArticles } from "../articles/check.ts";
import { parseAuthors } from "../articles/front-matter.ts";
import { openLibrary } from "../articles/library.ts";
import { loadArticles } from "../articles/load.ts";
import { localTime } from "../calendar.ts";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { OperatorError } from "../operator-error.ts";
import { linkablePaths } from "../web/pages.ts";
import {
  readArguments,
  readConfig,
  runProcess,
  shownPath,
  UsageError,
  type Call,
  type Command,
} from "./environment.ts";

const help = `npm run article -- COMMAND

  new "TITLE"            creates a draft; --author KEY takes a key of authors.yaml
  check [FILE…]          lists the errors and problems in all articles, or in these
  preview SLUG           prints the private URL of a draft, made from PREVIEW_SECRET; --site https://… for another site

Exit codes: 0 nothing is wrong, 1 something is wrong, 2 wrong arguments.`;

const projectDir = path.resolve(import.meta.dirname, "../..");
const options = { author: { type: "string" }, site: { type: "string" } } as const;

async function main({ args, env, print }: Call): Promise<void> {
  const { values, positionals } = readArguments({ args, options, allowPositionals: true }, help);
  const [command, ...words] = positionals;
  if (command === "new") return createDraft(readConfig(env), print, words.join(" "), values.author);
  if (command === "check") return check(readConfig(env), print, words);
  if (command === "preview") return print(preview(readConfig(env), words[0] ?? "", values.site));
  throw new UsageError(command ? `"${command}" is not a command.\n\n${help}` : help);
}

function createDraft(
  { articlesDir }: Config,
  print: Call["print"],
  title: string,
  authorKey: string | undefined,
): void {
  const slug = slugOf(title);
  if (!slug) throw new UsageError('a title is missing: npm run article -- new "Why Queues Wait"');
  const { authors, errors } = parseAuthors(
    "authors.yaml",
    readFileSync(path.join(articlesDir, "authors.yaml"), "utf8"),
  );
  if (errors.length > 0) throw new OperatorError(errors.map(formatError).join("\n"));
  const organisation = [...authors.values()].find(({ role }) => role === undefined); // a person is named as author only on request
  const author = authorKey ?? organisation?.key ?? [...authors.keys()][0] ?? "";
  if (!authors.has(author))
    throw new UsageError(
      `"${author}" is not in authors.yaml, which has ${[...authors.keys()].join(", ")}`,
    );
  const date = localTime(new Date(), company.headOffice.timeZone).toPlainDate().toString();
  const template = readFileSync(path.join(projectDir, "articles/_template.md"), "utf8");
  const filled: Record<string, string> = {
    '"TITLE"': JSON.stringify(title),
    AUTHOR: author,
    DATE: date,
  };
  const draft = template.replace(/"TITLE"|\bAUTHOR\b|\bDATE\b/g, (word) => filled[word] ?? word);
  const file = path.join(articlesDir, `${slug}.md`);
  writeFileSync(file, draft, { flag: "wx" });
  print(
    `${shownPath(file)} is a draft by ${author}. Write it, and read it at /articles/${slug} under \`npm run dev\`.`,
  );
  print("To publish it: set `date`, remove `draft: true`, and run `npm run article -- check`.");
}

function check({ articlesDir }: Config, print: Call["print"], files: string[]): void {
  const names = files.map((file) => `${path.basename(file, ".md")}.md`);
  const all = checkArticles(loadArticles(articlesDir), linkablePaths(), new Date(), () =>
    performance.now(),
  );
  const errors = all.filter(
    ({ file }) => names.length === 0 || names.includes(path.basename(file)),
  );
  for (const error of errors) print(formatError(error));
  const found = new Set(errors.map(({ file }) => path.basename(file)));
  for (const name of names) if (!found.has(name)) readFileSync(path.join(articlesDir, name)); // throws for a misspelt name
  if (errors.length > 0)
    throw new OperatorError(
      errors.length === 1 ? "One thing is wrong." : `${errors.length} things are wrong.`,
    );
  print("Nothing is wrong.");
}

function preview(
  { articlesDir, previewSecret, siteUrl }: Config,
  name: string,
  site = siteUrl,
): string {
  const slug = path.basename(name, ".md");
  const library = openLibrary(articlesDir, { showHidden: true });
  if (!library.find(slug, new Date())) throw new UsageError(`there is no valid article ${slug}.md`);
  if (!previewSecret)
    throw new UsageError(
      "PREVIEW_SECRET is not set; it must be the same here and on the live site",
    );
  return `${site.replace(/\/$/, "")}/drafts/${previewToken(previewSecret, slug)}`;
}

export const article: Command = { help, main };
if (import.meta.main) await runProcess(article);
