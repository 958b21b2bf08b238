// `npm run bench -- pages`: what a kept page costs, beside others that send the same bytes. Each server runs alone on one core, the load on
// the other; rounds are interleaved, and the figure that counts is CPU time per request from /proc, which is steadier than requests a second.

import { spawnSync, type ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { cpuMsOf, end, goals, load, median, needCompetitors, needPrograms, shown, spread, startServer, table } from "./measure.ts";

const rounds = 5;
const seconds = 2;
const connections = 32;
const address = "/articles/why-backend-developers-carry-the-most-responsibility";

type Headers = Record<string, string>;
type Way = { name: string; note: string; child: ChildProcess; url: string; asks: Headers; cpu: number[]; perSecond: number[] };
type Page = { headers: Headers; headers304: Headers; br: string; html: string };

async function measure({ child, url, asks, cpu, perSecond }: Way): Promise<void> {
  const before = cpuMsOf(child);
  const options = Object.entries(asks).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const total = await load(url, { connections, seconds, options });
  cpu.push(((cpuMsOf(child) - before) * 1_000) / total);
  perSecond.push(total / seconds);
}

/** The page with its headers, as the site sends it once it has its best compression. */
async function takePage(url: string): Promise<Page> {
  await sent(url, { "accept-encoding": "br" });
  await sleep(1_000);
  const { headers, body } = await sent(url, { "accept-encoding": "br" });
  const known = await sent(url, { "accept-encoding": "br", "if-none-match": headers["etag"] ?? "" });
  const plain = await sent(url, {});
  const own = ({ date: _date, connection: _connection, "keep-alive": _keepAlive, "content-length": _length, ...rest }: Headers) => rest;
  return { headers: own(headers), headers304: own(known.headers), br: body.toString("base64"), html: plain.body.toString() };
}

/** One nginx process without a log. Its ETag is its own, as the bytes are a plain file to it; all other headers are those of the site. */
async function startNginx(dir: string, { headers, br }: Page): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  await writeFile(path.join(dir, "page"), Buffer.from(br, "base64"));
  const { "content-type": type, etag: _etag, ...others } = headers;
  const added = Object.entries({ ...others, "Last-Modified": "" }).map(([name, value]) => `add_header ${name} ${JSON.stringify(value)};`);
  const config = `daemon off; master_process off; error_log stderr; pid ${dir}/nginx.pid;
    events { worker_connections 512; }
    http {
      access_log off; server_tokens off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=16;
      types {} default_type ${JSON.stringify(type)};
      server { listen 127.0.0.1:${port}; root ${dir}; max_ranges 0; ${added.join(" ")} }
    }`;
  const file = path.join(dir, "nginx.conf");
  await writeFile(file, config);
  const url = `http://127.0.0.1:${port}/page`;
  return { child: await startServer(url, "nginx", ["-c", file]), url };
}

export async function run(): Promise<string> {
  needPrograms("taskset", "wrk");
  needCompetitors();
  const { dir, remove } = await temporaryFolder();
  const ways: Way[] = [];
  const add = (name: string, note: string, child: ChildProcess, url: string, asks: Headers = {}) =>
    ways.push({ name, note, child, url, asks: { "accept-encoding": "br", ...asks }, cpu: [], perSecond: [] });

  const port = await freePort();
  const url = `http://127.0.0.1:${port}${address}`;
  const entry = ["--require", "./src/check-node.cjs", "src/main.ts"];
  const site = await startServer(url, process.execPath, entry, { PORT: `${port}`, HOST: "127.0.0.1", DATA_DIR: dir });
  const page = await takePage(url);
  const pageFile = path.join(dir, "page.json");
  await writeFile(pageFile, JSON.stringify(page));
  const competitor = async (kind: string, name: string, note: string, asks: Headers = {}) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/page`;
    const args = [path.join(import.meta.dirname, "competitors.js"), kind, `${port}`, pageFile];
    add(name, note, await startServer(url, process.execPath, args), url, asks);
  };
  const known = { "if-none-match": page.headers["etag"] ?? "" };
  await competitor("node", "bare node:http", "one prepared buffer: the limit");
  add("this site", "kept page", site, url);
  await competitor("node304", "bare node:http, 304", "prepared headers: the limit for 304", known);
  add("this site, 304", "If-None-Match", site, url, known);
  const hasNginx = spawnSync("nginx", ["-v"]).error === undefined;
  if (hasNginx) {
    const nginx = await startNginx(dir, page);
    add("nginx", "the same bytes as a file, one process, sendfile", nginx.child, nginx.url);
  }
  await competitor("fastify", "Fastify", "the same bytes");
  await competitor("express", "Express", "the same bytes");
  await competitor("ejs", "Express, EJS", "rendered and compressed per request");

  for (const way of ways) await measure({ ...way, cpu: [], perSecond: [] }); // warm
  for (let round = 0; round < rounds; round += 1) for (const way of ways) await measure(way);
  for (const child of new Set(ways.map(({ child }) => child))) await end(child);
  await remove();
  const size = shown(Buffer.from(page.br, "base64").length);
  const intro = `The article page, ${size} bytes br, ${connections} connections, ${rounds} rounds of ${seconds} s each, medians (min to max).`;
  return [intro, ...(hasNginx ? [] : ["nginx is not installed here and was left out."]), ...report(ways)].join("\n\n");
}

function report(ways: Way[]): string[] {
  const cpu = (name: string) => ways.find((way) => way.name === name)?.cpu ?? [];
  // Each round is compared with itself: what else the machine does changes from one to the next.
  const times = (name: string, other: string) => median(cpu(name).map((value, round) => value / (cpu(other)[round] ?? NaN)));
  const limitOf = (name: string) => (name.endsWith("304") ? "bare node:http, 304" : "bare node:http");
  const rows = ways.map(({ name, note, cpu, perSecond }) => [
    `${name}: ${note}`,
    spread(cpu, 1),
    shown(median(perSecond)),
    shown(times(limitOf(name), name), 2),
  ]);
  return [
    table(["who", "CPU µs a request", "requests/s", "× the limit"], rows),
    goals([
      { what: "kept page × the limit", measured: times("bare node:http", "this site"), goal: 0.95, atLeast: true },
      { what: "304 × the limit for 304", measured: times("bare node:http, 304", "this site, 304"), goal: 0.9, atLeast: true },
      { what: "the EJS app's CPU × ours", measured: times("Express, EJS", "this site"), goal: 40, digits: 0, atLeast: true },
      { what: "Fastify's CPU × ours", measured: times("Fastify", "this site"), goal: 1, atLeast: true },
    ]),
    `Not like for like: the site also looks at Accept-Encoding, If-None-Match and its clock; the limits answer anything with the same bytes.
nginx leaves more of the work to the kernel (sendfile), and the EJS app only puts forty pieces together, without reading any Markdown.`,
  ];
}
