// Mixed traffic on the real process for some minutes: readers, revalidating caches, valid and invalid forms, visitors who disconnect, authors
// who save, and a mail server that fails. Memory and descriptors are measured from outside, and inquiries are counted at the mail server.

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { Agent, request, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startFaultyPeer } from "../chaos/faulty-peer.ts";
import { startProcess } from "../support/process.ts";
import { filledForm, temporaryFolder } from "../support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");
const readers = 8;
const megabyte = 1_024 * 1_024;

type Sample = { megabytes: number; descriptors: number };

/** Runs for so many seconds. Returns the figures, and what was wrong. */
export async function runSoak(seconds: number) {
  const { dir, remove } = await temporaryFolder();
  const articlesDir = path.join(dir, "articles");
  await cp(path.join(projectDir, "articles"), articlesDir, { recursive: true });
  const peer = await startFaultyPeer();
  const env = {
    DATA_DIR: path.join(dir, "data"),
    ARTICLES_DIR: articlesDir,
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
  };
  // With much memory V8 collects garbage late, and memory grows for a while without a leak.
  const limits = {
    NODE_OPTIONS: "--max-old-space-size=96 --max-semi-space-size=2",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
  };
  const site = await startProcess({ ...env, ...limits });
  process.once("exit", () => site.child.kill("SIGKILL")); // also if this run fails
  const slugs = readdirSync(articlesDir).flatMap((name) => /^([a-z].*)\.md$/.exec(name)?.[1] ?? []);
  const pages = [
    "/",
    "/articles",
    "/contact",
    "/feed.atom",
    "/sitemap.xml",
    "/readyz",
    ...slugs.map((slug) => `/articles/${slug}`),
  ];
  const agent = new Agent({ keepAlive: true, maxSockets: readers * 2 });
  const statuses = new Map<number, number>();
  const thanked: string[] = [];
  const wrong: string[] = [];
  const until = Date.now() + seconds * 1_000;
  let saves = 0;
  let left = 0;

  type Options = {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    leave?: boolean;
  };
  /** Sends a request, reads the response, and counts its status. With `leave` the connection is closed during the response. */
  function ask(
    address: string,
    { method = "GET", headers = {}, body, leave = false }: Options = {},
  ): Promise<IncomingMessage["headers"]> {
    return new Promise((resolve) => {
      const asked = request(
        site.origin + address,
        { method, headers: { "Accept-Encoding": "br", ...headers }, agent },
        (response) => {
          const { statusCode = 0 } = response;
          statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
          if (statusCode >= 500) wrong.push(`${method} ${address} got ${statusCode}`);
          if (leave) asked.destroy();
          response.resume().on("close", () => resolve(response.headers));
        },
      );
      asked.on("error", (error) => {
        if (!leave) wrong.push(`${method} ${address}: ${error.message}`);
        resolve({});
      });
      asked.end(body);
    });
  }

  async function reader(number: number): Promise<void> {
    const tags = new Map<string, string>();
    for (let turn = number; Date.now() < until; turn += readers) {
      const address = pages[turn % pages.length] ?? "/";
      const tag = turn % 3 === 0 ? tags.get(address) : undefined;
      const { etag } = await ask(address, { headers: tag ? { "If-None-Match": tag } : {} });
      if (etag) tags.set(address, etag);
      if (turn % 11 === 0) await ask(`/search?q=${slugs[turn % slugs.length]?.split("-")[0]}`);
      if (turn % 13 === 0) await ask(`/nothing/${turn}`);
      if (turn % 17 === 0) await ask(address, { leave: true }).then(() => (left += 1));
      await sleep(15);
    }
  }

  async function prospect(): Promise<void> {
    const form = {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    };
    for (let number = 0; Date.now() < until; number += 1) {
      const words = { ...filledForm, message: `This is submission-${number}-. Please answer.` };
      const { location } = await ask("/contact", {
        ...form,
        body: new URLSearchParams(words).toString(),
      });
      const reference = /ref=(CS-[0-9A-Z-]+)$/.exec(location ?? "")?.[1];
      if (reference) thanked.push(reference);
      else wrong.push(`submission ${number} was not thanked for`);
      await ask("/contact", {
        ...form,
        body: new URLSearchParams({ ...words, email: "none" }).toString(),
      });
      await ask("/contact", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      });
      await sleep(100);
    }
  }

  async function author(): Promise<void> {
    for (; Date.now() < until; saves += 1) {
      const slug = slugs[saves % slugs.length] ?? "";
      const file = path.join(articlesDir, `${slug}.md`);
      const source = await readFile(file, "utf8");
      await writeFile(file, saves % 5 === 4 ? "broken" : `${source}\nSaved once more.\n`);
      await sleep(500);
      await writeFile(file, source);
      await sleep(500);
    }
  }

  const samples: Sample[] = [];
  async function observer(): Promise<void> {
    for (; Date.now() < until; await sleep(500)) samples.push(sampleOf(site.child.pid ?? 0));
  }

  await Promise.all([
    ...Array.from({ length: readers }, (_, number) => reader(number)),
    prospect(),
    author(),
    observer(),
  ]);
  agent.destroy();
  peer.behave();
  await promisify(execFile)(process.execPath, ["src/cli/inquiries.ts", "deliver", "--now"], {
    cwd: projectDir,
    env,
  });
  await untilNothingIsPending(site.origin);
  const after = sampleOf(site.child.pid ?? 0);
  site.child.kill("SIGTERM");
  const code = await site.exit;
  peer.close();
  await remove();

  const arrived = new Set(peer.taken.map(({ messageId }) => messageId));
  const lost = thanked.filter(
    (reference) => !arrived.has(`<${reference.toLowerCase()}@cleansystems.example>`),
  );
  wrong.push(...lost.map((reference) => `${reference} was thanked for and is lost`));
  if (code !== 0) wrong.push(`the process ended with ${code}`);
  const [early, late] = [quarter(samples, 1), quarter(samples, 3)];
  const lowest = (some: Sample[]) => Math.min(...some.map(({ megabytes }) => megabytes));
  const most = (some: Sample[]) => Math.max(...some.map(({ descriptors }) => descriptors));
  if (lowest(late) > lowest(early) * 1.15)
    wrong.push(`memory grew from ${lowest(early)} to ${lowest(late)} MB`);
  if (most(late) > most(early) + 10)
    wrong.push(`descriptors grew from ${most(early)} to ${most(late)}`);
  return {
    wrong,
    figures: [
      `${seconds} s: ${[...statuses]
        .toSorted(([a], [b]) => a - b)
        .map(([status, count]) => `${count} × ${status}`)
        .join(", ")}; ${left} left early, ${saves} saves`,
      `${thanked.length} inquiries thanked for, ${lost.length} lost, ${peer.taken.length - arrived.size} repeats; mail server: ${JSON.stringify(peer.met)}`,
      `memory, lowest of the second and of the last quarter: ${lowest(early)} and ${lowest(late)} MB; afterwards ${after.megabytes} MB`,
      `descriptors, most of the second and of the last quarter: ${most(early)} and ${most(late)}; afterwards ${after.descriptors}`,
    ],
  };
}

function sampleOf(pid: number): Sample {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return {
    megabytes: Math.round((pages * 4_096) / megabyte),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

const quarter = (samples: Sample[], index: number) =>
  samples.slice(
    Math.floor((samples.length * index) / 4),
    Math.floor((samples.length * (index + 1)) / 4),
  );

async function untilNothingIsPending(origin: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    const { inquiries } = (await (await fetch(`${origin}/readyz`)).json()) as {
      inquiries?: { pending?: number; stuck?: number };
    };
    if ((inquiries?.pending ?? 0) + (inquiries?.stuck ?? 0) === 0) return;
  }
}
