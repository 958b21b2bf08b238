// `site trial` on releases that are broken on purpose, each of which was once deployed as good.

import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";
import { answers, openStore, plain } from "./support/store.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const { dir } = await temporaryFolder();
const articles = await articlesFolder({ "queues.md": articleFile(), "locks.md": articleFile() });
const temporary = path.join(dir, "tmp");
const release = path.join(dir, "release");
fs.mkdirSync(temporary);
for (const name of ["package.json", "src", "views", "static", "ops"])
  fs.cpSync(path.join(projectDir, name), path.join(release, name), { recursive: true });
fs.symlinkSync(path.join(projectDir, "node_modules"), path.join(release, "node_modules"));

function startTrial(args: string[] = [], settings: Record<string, string> = {}) {
  const env = {
    ...productionEnv,
    PATH: process.env["PATH"] ?? "",
    ARTICLES_DIR: articles.dir,
    TMPDIR: temporary,
    ...settings,
  };
  const child = spawn(process.execPath, ["src/cli/trial.ts", "--force", ...args], {
    cwd: release,
    env,
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, "close").then(async ([code]) => ({
    code: code as number,
    output: (await printed).join(""),
  }));
  return { child, ended };
}

/** The trial of a release with these changes. --force, because pages link articles that are not there. */
async function trialWith(...changes: [file: string, from: string, to: string][]) {
  const files = changes.map(([name]) => path.join(release, name));
  const texts = files.map((file) => fs.readFileSync(file, "utf8"));
  for (const [index, [name, from, to]] of changes.entries()) {
    const before = texts[index] ?? "";
    if (!before.includes(from)) throw new Error(`${name} does not contain ${from}`);
    fs.writeFileSync(files[index] ?? "", before.replace(from, to));
  }
  const result = await startTrial().ended;
  for (const [index, file] of files.entries()) fs.writeFileSync(file, texts[index] ?? "");
  return result;
}

afterEach(() => expect(fs.readdirSync(temporary)).toEqual([]));

test("this release passes without a store, and on a copy of one", async () => {
  const passed = {
    code: 0,
    output: expect.stringMatching(
      /^It responds at \d+ addresses\. Mails, digest and staff page of an inquiry work\.\n$/,
    ) as string,
  };
  expect(await startTrial().ended).toEqual(passed);
  const folder = path.join(dir, "data");
  const store = await openStore(folder);
  await store.accept(answers, plain, new Date());
  const file = path.join(folder, "inquiries.db");
  expect(await startTrial([file, "--old", projectDir]).ended).toEqual(passed);
  expect((await store.list()).map(({ delivery }) => delivery.state)).toEqual(["pending"]);
});

test("a store that the site could not read and write is refused", async () => {
  const file = path.join(dir, "none.db");
  expect(await startTrial([file]).ended).toEqual({
    code: 1,
    output: `this release could not read and write ${file} (ENOENT)\n`,
  });
});

test.each<[what: string, change: [file: string, from: string, to: string], cause: RegExp]>([
  [
    "mails to another recipient",
    [
      "src/inquiries/mail/compose.ts",
      "to: settings.mailTo",
      'to: [{ name: "", address: "x@y.dk" }]',
    ],
    /the mail about an inquiry goes to x@y\.dk instead of /,
  ],
  [
    "hides every page from search engines",
    ["views/layout.ejs", "</head>", '<meta name="robots" content="noindex"></head>'],
    /\/ is in the sitemap, and tells search engines: noindex/,
  ],
  [
    "cannot compose a confirmation",
    ["views/mail/confirmation.text.ejs", "<%", "<%= nobody.knows %><%"],
    /the confirmation cannot be composed: .*nobody is not defined/s,
  ],
  [
    "has an invalid feed",
    ["views/machines/atom.xml.ejs", "</entry>", ""],
    /feed\.atom is no valid XML: <\/feed> closes another element/,
  ],
  [
    "needs seconds for a page",
    [
      "src/web/app.ts",
      "response.set(headers);\n    next();",
      "response.set(headers);\n    setTimeout(next, 2_500);",
    ],
    /this release needs 2\.\d s for \S+, twice/,
  ],
  [
    "takes more memory than it may",
    ["src/main.ts", "site.worker.start();", 'process.kill(process.pid, "SIGKILL");'],
    /the site was killed \(SIGKILL\): it needs more memory than it may use/,
  ],
])("a release that %s is refused", async (_what, change, cause) => {
  expect(await trialWith(change)).toEqual({ code: 1, output: expect.stringMatching(cause) });
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends a trial, and its copy is gone", async (name) => {
  const { child, ended } = startTrial();
  while (fs.readdirSync(temporary).length === 0) await sleep(50);
  child.kill(name);
  expect(await ended).toEqual({
    code: 1,
    output: expect.stringContaining(`the trial was ended by ${name}, and its copy is deleted`),
  });
});
