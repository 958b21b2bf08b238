// `npm run bench -- pages`: what a kept page costs, beside others that send the same bytes. Each server runs alone on one core, the load on
// the other; rounds are interleaved, and the figure that counts is CPU time per request from /proc, which is steadier than requests a second.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

const bench = import.meta.dirname;
const rounds = 5;
const seconds = 3;
const connections = 32;
const page = "/articles/why-backend-developers-carry-the-most-responsibility";

const missing = [
  ...(existsSync(path.join(bench, "node_modules/fastify")) ? [] : ["the competitors: npm ci --prefix bench"]),
  ...(spawnSync("wrk").error ? ["wrk, which makes the load: apt-get install wrk"] : []),
];
if (missing.length > 0) {
  console.error(`Not installed: ${missing.join("; ")}`);
  process.exit(1);
}

type Server = { name: string; note: string; child: ChildProcess; url: string; headers: Record<string, string> };
type Sample = { cpuMicroseconds: number; perSecond: number };

const dir = await mkdtemp(path.join(tmpdir(), "clean-systems-bench-"));
const pageFile = path.join(dir, "page.json");
const accept = { "accept-encoding": "br" };

async function start(
  name: string,
  note: string,
  args: string[],
  env: Record<string, string>,
  url: string,
  headers = accept,
): Promise<Server> {
  const child = spawn("taskset", ["-c", "0", process.execPath, ...args], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  child.stderr.pipe(process.stderr);
  process.once("exit", () => child.kill("SIGKILL")); // also when something fails
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => /ready|listening/.test(chunk.toString()) && resolve());
  });
  return { name, note, child, url, headers };
}

async function fetchPage(url: string, headers: Record<string, string>) {
  const [response] = (await once(get(url, { headers }), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { headers: response.headers as Record<string, string>, body: Buffer.concat(chunks) };
}

/** User and system time of a process so far, in microseconds; Linux counts in hundredths of a second. */
function cpuOf({ child }: Server): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measure(server: Server): Promise<Sample> {
  const before = cpuOf(server);
  const headers = Object.entries(server.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const load = spawn("taskset", ["-c", "1", "wrk", "-t", "1", "-c", `${connections}`, "-d", `${seconds}s`, ...headers, server.url]);
  let output = "";
  load.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(load, "close");
  const total = Number(/(\d+) requests in/.exec(output)?.[1]);
  if (!total || /Non-2xx|Socket errors/.test(output)) throw new Error(`${server.name}: ${output}`);
  return { cpuMicroseconds: (cpuOf(server) - before) / total, perSecond: total / seconds };
}

const site = await start(
  "this site",
  "kept page",
  ["--require", "./src/check-node.cjs", "src/main.ts"],
  { PORT: "4900", DATA_DIR: dir, LOG_LEVEL: "info" },
  `http://localhost:4900${page}`,
);
await fetchPage(site.url, accept); // makes it, and then the best compression
await new Promise((resolve) => setTimeout(resolve, 500));
const kept = await fetchPage(site.url, accept);
const { html } = { html: (await fetchPage(site.url, { "accept-encoding": "identity" })).body.toString() };
const { date: _date, connection: _connection, "keep-alive": _keepAlive, "content-length": _length, ...headers } = kept.headers;
await writeFile(pageFile, JSON.stringify({ headers, br: kept.body.toString("base64"), html }));

const competitor = (kind: string, note: string, port: number) =>
  start(kind, note, [path.join(bench, "competitors.js"), kind, `${port}`, pageFile], {}, `http://localhost:${port}/page`);
const servers: Server[] = [
  await competitor("node", "bare node:http, one buffer: the limit", 4901),
  site,
  { ...site, name: "this site, 304", note: "If-None-Match", headers: { ...accept, "if-none-match": kept.headers["etag"] ?? "" } },
  await competitor("fastify", "the same bytes", 4902),
  await competitor("express", "the same bytes", 4903),
  await competitor("ejs", "Express, EJS and compression per request", 4904),
];

const samples = new Map<string, Sample[]>(servers.map(({ name }) => [name, []]));
for (const server of servers) await measure(server); // warm
for (let round = 0; round < rounds; round += 1) {
  for (const server of servers) samples.get(server.name)?.push(await measure(server));
}
for (const { child } of servers) child.kill("SIGKILL");
await rm(dir, { recursive: true });

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const cpu = (name: string) => median((samples.get(name) ?? []).map(({ cpuMicroseconds }) => cpuMicroseconds));
console.log(
  `The article page, ${kept.body.length.toLocaleString("en-GB")} bytes br, ${connections} connections, ${rounds} rounds of ${seconds} s, Node ${process.version}\n`,
);
console.log("| who | CPU µs a request (min to max) | requests/s | × the limit |\n| --- | --- | --- | --- |");
for (const { name, note } of servers) {
  const all = (samples.get(name) ?? []).map(({ cpuMicroseconds }) => cpuMicroseconds);
  const speed = median((samples.get(name) ?? []).map(({ perSecond }) => perSecond));
  const range = `${cpu(name).toFixed(1)} (${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)})`;
  console.log(`| ${name}: ${note} | ${range} | ${Math.round(speed).toLocaleString("en-GB")} | ${(cpu("node") / cpu(name)).toFixed(2)} |`);
}
console.log(
  "\nNot like for like: the site also looks at Accept-Encoding, If-None-Match and its clock; the EJS app only puts forty pieces together.",
);
