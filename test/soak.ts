// `npm run test:soak [-- --seconds N]`: mixed traffic on the real process. Readers, forms with and
// without errors, visitors who disconnect, and authors who save. Exit code 1: a response was a
// 5xx, memory or descriptors grew, or an inquiry did not become a mail.

import { readdirSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { megabytesOf, startProcess, submit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "240" } } });
const until = performance.now() + Number(values.seconds) * 1_000;
const { dir, remove } = await temporaryFolder();
const articlesDir = path.join(dir, "articles");
await cp(path.resolve(import.meta.dirname, "../articles"), articlesDir, { recursive: true });
const site = await startProcess({
  DATA_DIR: dir,
  ARTICLES_DIR: articlesDir,
  INQUIRIES_PER_10_MINUTES: "0",
  INQUIRIES_PER_HOUR_TOTAL: "0",
  // With much memory V8 collects garbage late, and memory grows for a while without a leak.
  NODE_OPTIONS: "--max-old-space-size=96 --max-semi-space-size=2",
});
process.once("exit", () => site.child.kill("SIGKILL"));
const slugs = readdirSync(articlesDir).flatMap((name) => /^([a-z].*)\.md$/.exec(name)?.[1] ?? []);
const pages = ["/", "/articles", "/contact", "/feed.atom", "/readyz", "/search?q=queue", "/none"];
pages.push(...slugs.map((slug) => `/articles/${slug}`));

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const statuses: Record<number, number> = {};
const received: string[] = [];
const wrong: string[] = [];

const count = (what: string, status: number): void => {
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (status >= 500) wrong.push(`${what} got ${status}`);
};

/** Requests a page. With `leave` the connection is closed while the response arrives. */
function ask(address: string, headers = {}, leave = false) {
  return new Promise<IncomingMessage["headers"]>((resolve) => {
    const asked = get(site.origin + address, { headers, agent }, (response) => {
      count(address, response.statusCode ?? 0);
      if (leave) asked.destroy();
      response.resume().on("close", () => resolve(response.headers));
    });
    asked.on("error", (error) => {
      if (!leave) wrong.push(`${address}: ${error.message}`);
      resolve({});
    });
  });
}

async function read(first: number): Promise<void> {
  const tags = new Map<string, string>();
  for (let number = first; performance.now() < until; number += 8) {
    const address = pages[number % pages.length] ?? "/";
    const known = number % 3 === 0 ? { "If-None-Match": tags.get(address) ?? "" } : {};
    const { etag } = await ask(address, { ...known, "Accept-Encoding": "br" });
    if (etag) tags.set(address, etag);
    if (number % 17 === 0) await ask(address, {}, true);
    await sleep(15);
  }
}

async function send(): Promise<void> {
  for (let number = 0; performance.now() < until; number += 1) {
    const { status, location } = await submit(site.origin, { message: `Number ${number}.` });
    count(`form ${number}`, status);
    if (status === 303) received.push(location.slice(-12));
    else wrong.push(`form ${number} got no receipt`);
    count("a form with an error", (await submit(site.origin, { email: "none" })).status);
    await sleep(100);
  }
}

async function save(): Promise<void> {
  for (let count = 0; performance.now() < until; count += 1) {
    const file = path.join(articlesDir, `${slugs[count % slugs.length]}.md`);
    const source = await readFile(file, "utf8");
    await writeFile(file, count % 5 === 4 ? "broken" : `${source}\nSaved once more.\n`);
    await sleep(1_500);
    await writeFile(file, source);
    await sleep(1_500);
  }
}

const samples: { megabytes: number; descriptors: number }[] = [];
async function observe(): Promise<void> {
  for (; performance.now() < until; await sleep(500)) {
    const descriptors = readdirSync(`/proc/${site.child.pid}/fd`).length;
    samples.push({ megabytes: megabytesOf(site.child), descriptors });
  }
}

const readers = Array.from({ length: 8 }, (_one, first) => read(first));
await Promise.all([...readers, send(), save(), observe()]);
agent.destroy();
const mails = () => readdirSync(path.join(dir, "mail")).join(" ");
const lost = () => received.filter((reference) => !mails().includes(reference));
for (let tries = 0; tries < 120 && lost().length > 0; tries += 1) await sleep(500);
wrong.push(...lost().map((reference) => `${reference} was not mailed`));
site.child.kill("SIGTERM");
if ((await site.exit) !== 0) wrong.push("the exit code is not 0");
await remove();
const quarter = Math.floor(samples.length / 4);
const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
const least = (some: typeof samples) => Math.min(...some.map(({ megabytes }) => megabytes));
const most = (some: typeof samples) => Math.max(...some.map(({ descriptors }) => descriptors));
if (least(late) > least(early) * 1.15) wrong.push("memory grew");
if (most(late) > most(early) + 10) wrong.push("the number of descriptors grew");
console.log(`responses: ${JSON.stringify(statuses)}, inquiries: ${received.length}`);
console.log(`MB, second and last quarter: ${least(early)}, ${least(late)}`);
console.log(`descriptors, second and last quarter: ${most(early)}, ${most(late)}`);
console.log(wrong.slice(0, 20).join("\n"), `\n${wrong.length} promises broken`);
process.exitCode = wrong.length > 0 ? 1 : 0;
