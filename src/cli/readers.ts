// The command `readers`: which articles were read in a month, as nginx has noted it
// (ops/nginx.conf).

import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { OperatorError } from "../operator-error.ts";
import { matchUrl } from "../urls.ts";
import { runProcess, UsageError, type Call, type Command } from "./command.ts";

const folder = "/var/log/clean-systems";

const help = `On a server with nginx: site readers [MONTH|FILE]

Prints the articles and the fixed pages by how often a browser opened them, this month or in a month
like 2026-11. Nothing is known of who read, so the same person counts each time. A page that the browser
had kept isn't counted, and a program that says it is a browser is.
Exit codes: 0 done, 1 there are no figures, 2 wrong arguments.`;

async function main({ args, now, print }: Call): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [name = now.toISOString().slice(0, 7), ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is an argument too many.\n\n${help}`);
  const file = name.includes("/") ? name : `${folder}/readers-${name}.log`;
  if (!existsSync(file))
    throw new OperatorError(
      `There are no figures: ${file} does not exist. Only nginx with the configuration of this site counts readers.`,
    );
  const rows = countReaders(readFileSync(file, "utf8"));
  if (rows.length === 0) print("No browser has opened a page yet.");
  for (const [heading, isArticle] of [
    ["ARTICLE", true],
    ["PAGE", false],
  ] as const) {
    const some = rows.filter(({ path }) => (matchUrl(path)?.name === "article") === isArticle);
    if (some.length > 0) print(` READERS  ${heading}`);
    for (const { path, count } of some) print(`${String(count).padStart(8)}  ${path}`);
  }
  await Promise.resolve();
}

/**
 * Counts the browsers in lines like "2026-12-02T10:00:00+00:00 200 /articles/queues browser".
 * Returns the most read page first.
 */
function countReaders(log: string): { path: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const line of log.split("\n")) {
    const [, , path, reader] = line.split(" ");
    if (path && reader === "browser") counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return Array.from(counts, ([path, count]) => ({ path, count })).sort(
    (one, other) => other.count - one.count || one.path.localeCompare(other.path),
  );
}

export const readers: Command = { help, main };
if (import.meta.main) await runProcess(readers);
