// `npm run test:soak [-- --seconds N]`: mixed traffic on the real process. Readers, forms with and
// without errors, visitors who disconnect, and authors who save. Exit code 1: a response was a
// 5xx, memory or descriptors grew, or an inquiry did not become a mail.

import { readdirSync, readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { Agent, request, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { filledForm } from "./support/form.ts";
import { startProcess } from "./support/process.ts";
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

/** Sends a request and reads the response. With `leave` the connection is closed meanwhile. */
function ask(address: string, body?: string, headers = {}, leave = false) {
  return new Promise<IncomingMessage["headers"]>((resolve) => {
    const method = body === undefined ? "GET" : "POST";
    const asked = request(site.origin + address, { method, headers, agent }, (response) => {
      const { statusCode = 0 } = response;
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
      if (statusCode >= 500) wrong.push(`${method} ${address} got ${statusCode}`);
      if (leave) asked.destroy();
      response.resume().on("close", () => resolve(response.headers));
    });
    asked.on("error", (error) => {
      if (!leave) wrong.push(`${method} ${address}: ${error.message}`);
      resolve({});
    });
    asked.end(body);
  });
}

async function read(first: number): Promise<void> {
  const tags = new Map<string, string>();
  for (let count = first; performance.now() < until; count += 8) {
    const address = pages[count % pages.length] ?? "/";
    const known = count % 3 === 0 ? { "If-None-Match": tags.get(address) ?? "" } : {};
    const { etag } = await ask(address, undefined, { ...known, "Accept-Encoding": "br" });
    if (etag) tags.set(address, etag);
    if (count % 17 === 0) await ask(address, undefined, {}, true);
    await sleep(15);
  }
}

async function send(): Promise<void> {
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  for (let number = 0; performance.now() < until; number += 1) {
    const form = { ...filledForm, message: `${filledForm.message} (${number})` };
    const { location = "" } = await ask("/contact", new URLSearchParams(form).toString(), type);
    const reference = /ref=(CS-[0-9A-Z-]+)$/.exec(location)?.[1];
    if (reference) received.push(reference);
    else wrong.push(`form ${number} got no receipt`);
    await ask("/contact", "email=none", type);
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
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${site.child.pid}/status`, "utf8"));
    const descriptors = readdirSync(`/proc/${site.child.pid}/fd`).length;
    samples.push({ megabytes: Math.round(Number(kilobytes?.[1]) / 1_024), descriptors });
  }
}

await Promise.all([
  ...Array.from({ length: 8 }, (_one, first) => read(first)),
  send(),
  save(),
  observe(),
]);
agent.destroy();
type Report = { inquiries: { pending: number } };
const isPending = async () =>
  ((await (await fetch(`${site.origin}/readyz`)).json()) as Report).inquiries.pending > 0;
for (let count = 0; count < 120 && (await isPending()); count += 1) await sleep(500);
site.child.kill("SIGTERM");
const code = await site.exit;
if (code !== 0) wrong.push(`the process ended with ${code}`);
const mails = readdirSync(path.join(dir, "mail")).join(" ").toLowerCase();
wrong.push(...received.filter((reference) => !mails.includes(reference.toLowerCase())));
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
