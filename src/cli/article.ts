// The author's command, `npm run article -- …`: creates a draft, checks articles, and prints a
// draft's private URL.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { previewToken, slugify, type Article } from "../articles/article.ts";
import { formatError, type ArticleError } from "../articles/article-error.ts";
import { checkArticles, findLosses } from "../authoring/check.ts";
import { parseArticle, parseAuthors } from "../articles/front-matter.ts";
import { loadArticles } from "../articles/load.ts";
import { articleImages, missingIn } from "../articles/sharing-image.ts";
import { localTime } from "../calendar.ts";
import { company } from "../company.ts";
import { OperatorError } from "../operator-error.ts";
import { linkablePaths } from "../web/pages.ts";
import { href } from "../urls.ts";
import { createCommand, runProcess, siteAt, UsageError, type SubcommandCall } from "./command.ts";

export const article = createCommand("article", {
  'new "TITLE"': {
    help: "creates a draft",
    run: createDraft,
  },
  check: {
    help: "lists what is wrong, and what readers would lose of origin/main",
    run: check,
  },
  "losses COMMIT": {
    help: "lists what readers would lose of COMMIT: pull-articles stops for nothing else",
    run: async (call, commit) => printErrors(findLosses(...contextAt(call, commit)), call),
  },
  "preview SLUG [https://…]": {
    help: "prints the private URL of a draft, here or on another site",
    run: preview,
  },
});

const projectDir = path.resolve(import.meta.dirname, "../..");

async function createDraft(
  { config: { articlesDir }, now, print }: SubcommandCall,
  title: string,
): Promise<void> {
  const slug = slugify(title);
  if (!slug) throw new UsageError("the title needs a letter from a to z or a digit, for its URL");
  const date = localTime(now, company.headOffice.timeZone).toPlainDate().toString();
  const template = readFileSync(path.join(projectDir, "articles/_template.md"), "utf8");
  const draft = template.replace("DATE", date).replace('"TITLE"', () => JSON.stringify(title));
  const file = path.join(articlesDir, `${slug}.md`);
  if (existsSync(file)) throw new UsageError(`${file} exists: choose another title`);
  writeFileSync(file, draft);
  print(
    `${file} is a draft. Write it, and read it at ${href("article", { slug })} under \`npm run dev\`.`,
  );
  print("To publish it: set `date`, remove `draft: true`, and run `npm run article -- check`.");
}

function contextAt({ config: { articlesDir, siteUrl }, now }: SubcommandCall, commit?: string) {
  const published = articlesAt(articlesDir, commit);
  const snapshot = loadArticles(articlesDir);
  return [{ snapshot, siteUrl, paths: linkablePaths(), now }, published] as const;
}

async function check(call: SubcommandCall): Promise<void> {
  const { articlesDir } = call.config;
  const [context, published] = contextAt(call);
  const errors = new Set([...checkArticles(context), ...findLosses(context, published)]);
  const message = "is not drawn: run `npm run images`";
  for (const { file } of missingIn(`${articlesDir}/sharing`, articleImages(context.snapshot)))
    errors.add({ file: `${context.snapshot.folder}/sharing/${file}`, line: 1, message });
  printErrors([...errors], call);
}

function printErrors(errors: ArticleError[], { print }: SubcommandCall): void {
  for (const error of errors) print(formatError(error));
  const { length } = errors;
  if (length > 0)
    throw new OperatorError(length === 1 ? "One thing is wrong." : `${length} things are wrong.`);
  print("Nothing is wrong.");
}

/**
 * Returns the articles as they were when the branch left a commit, or none if git doesn't find
 * origin/main.
 */
function articlesAt(dir: string, commit = "origin/main"): Article[] {
  const git = (command: string) =>
    execFileSync("git", command.split(" "), { cwd: dir, encoding: "utf8", stdio: "pipe" });
  try {
    const base = git(`merge-base ${commit} HEAD`).trim();
    const names = git(`ls-tree --name-only ${base} ./`).match(/^[a-z0-9-]+\.md$/gm) ?? [];
    const read = (name: string) => git(`show ${base}:./${name}`);
    const authors = parseAuthors(read("authors.yaml"), () => {});
    const shownPath = (name: string) => path.join(path.basename(dir), name);
    return names.flatMap(
      (name) => parseArticle(shownPath(name), read(name), authors, () => {}).article ?? [],
    );
  } catch {
    if (commit !== "origin/main") throw new UsageError(`git finds no commit ${commit}`);
    return [];
  }
}

async function preview(
  { config: { articlesDir, previewSecret, siteUrl }, print }: SubcommandCall,
  name: string,
  site = siteUrl,
): Promise<void> {
  const slug = path.basename(name, ".md");
  if (!loadArticles(articlesDir).articles.some((article) => article.slug === slug))
    throw new UsageError(
      `${slug}.md does not exist or has errors, which \`npm run article -- check\` lists`,
    );
  if (!previewSecret)
    throw new UsageError(
      "PREVIEW_SECRET is not set; it must be the same here and on the live site",
    );
  print(`${siteAt(site).origin}${href("preview", { token: previewToken(previewSecret, slug) })}`);
}

if (import.meta.main) await runProcess(article);
