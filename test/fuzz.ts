// `npm run test:fuzz [-- --seconds N] [--seed N] [--nginx]`: random requests on sockets of the real
// process, directly or through the nginx of docs/going-live: CONNECT, upgrades, pipelines, requests
// in pieces, resets and half-open connections. Exit code 1: the process ended, a response was a 5xx,
// or, after two minutes or more, memory is more than 1.1 times that after the first minute.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { parseArgs } from "node:util";
import { startNginx } from "./support/nginx.ts";
import { freePort, megabytesOf, startProcess } from "./support/process.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
    nginx: { type: "boolean", default: false },
  },
});
const { dir, remove } = await temporaryFolder();
const [http, https] = [await freePort(), await freePort()];
const site = await startProcess({
  ...productionEnv,
  ...(values.nginx && { TRUST_PROXY: "1", SITE_URL: `https://localhost:${https}` }),
  DATA_DIR: dir,
  PORT: `${await freePort()}`,
  HOST: "127.0.0.1",
  NODE_OPTIONS: "--max-old-space-size=256", // half of MemoryMax in the systemd unit
});
const proxy = values.nginx ? await startNginx({ dir, http, https, site: site.origin }) : undefined;
process.once("exit", () => [site.child, proxy].forEach((child) => child?.kill("SIGKILL")));

let state = Number(values.seed);
/** Returns a number from 0 to `max` - 1 (mulberry32). */
function random(max: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * max);
}
const pick = <T>(items: T[]): T => items[random(items.length)] as T;
const bytes = (count: number) =>
  Array.from({ length: random(count) }, () => String.fromCharCode(random(256))).join("");

const article = "/articles/builder-pattern-in-java";
const targets = `/ /articles ${article} ${article}.md /contact /search?q=java /feed.atom /readyz
  /sitemap.xml /none /contact/received?ref=CS-0000-0000 /staff/x * /favicon.ico /ARTICLES/ /%zz
  /og/builder-pattern-in-java.png //x/%2e%2e/ http://localhost/articles http://[::1 x:1
  /${"/".repeat(4_000)}a`.split(/\s+/);
const target = () => (random(8) > 0 ? pick(targets) : `/${bytes(40)}`);
const methods = ["GET", "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "OPTIONS", "TRACE"];
const method = () => (random(8) > 0 ? pick(methods) : pick(["CONNECT", "PURGE", bytes(5)]));
const headers = [
  () => "Connection: Upgrade\r\nUpgrade: websocket",
  () => `Connection: ${pick(["close", "keep-alive", "Upgrade, HTTP2-Settings"])}`,
  () => `Accept-Encoding: ${pick(["br", "gzip", "br;q=0", "identity", bytes(30)])}`,
  () => `If-None-Match: ${pick(["*", '"x"', `"a"${" ".repeat(3_000)}"b"`, bytes(30)])}`,
  () => `Expect: ${pick(["100-continue", "200-ok"])}`,
  () => `Range: bytes=${random(9)}-`,
  () => `Host: ${pick(["localhost", "evil.example", "[::1", bytes(9)])}`,
  () => `Transfer-Encoding: ${pick(["chunked", "gzip", "identity"])}`,
  () => `Content-Length: ${pick(["0", "5", "-1", "300000", bytes(3)])}`,
  () => `X-Forwarded-For: ${pick(["127.0.0.1", "a,b", bytes(20)])}`,
  () => `${bytes(9)}: ${bytes(40)}`,
  () => `X-Long: ${"x".repeat(random(18_000))}`,
];
const formType = "Content-Type: application/x-www-form-urlencoded";
const bodies = [
  () => "name=a&email=b",
  () => bytes(300),
  () => "a&".repeat(random(60)),
  () => "x".repeat(random(70_000)),
];

function nextRequest(): string {
  const version = pick(["1.1", "1.1", "1.1", "1.1", "1.1", "1.1", "1.0", "2.0", "9.9"]);
  const lines = [`${method()} ${target()} HTTP/${version}`, "Host: localhost"];
  for (let count = random(2); count > 0; count -= 1) lines.push(pick(headers)());
  if (random(3) > 0) return `${lines.join("\r\n")}\r\n\r\n`;
  const body = pick(bodies)();
  return `${[...lines, formType, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
}

const until = performance.now() + Number(values.seconds) * 1_000;
const isOver = () => performance.now() > until;
const statuses: Record<string, number> = {};
let requests = 0;

/** Opens a connection, sends requests, and closes it in one of four ways. */
async function fuzzConnection(): Promise<void> {
  // Each from another address: nginx limits the requests of an address.
  const localAddress = `127.${random(256)}.${random(256)}.${1 + random(254)}`;
  const port = values.nginx ? https : Number(new URL(site.origin).port);
  const tcp = connect({ port, host: "127.0.0.1", localAddress, allowHalfOpen: random(2) === 0 });
  const socket: Socket = values.nginx
    ? connectTls({ socket: tcp, servername: "localhost", rejectUnauthorized: false })
    : tcp;
  let text = "";
  for (const one of new Set([tcp, socket])) one.on("error", () => {}); // closed by the other side
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  const pipeline = Array.from({ length: pick([1, 1, 1, 2, 8, 40]) }, nextRequest);
  requests += pipeline.length;
  const sent = Buffer.from(pipeline.join(""), "latin1");
  const [first, rest] =
    random(3) === 0 ? [random(sent.length), true] : [sent.length, random(9) > 0];
  socket.write(sent.subarray(0, first));
  if (first < sent.length) await sleep(random(20));
  if (rest) socket.write(sent.subarray(first));
  // Without this, abandoned connections fill the queue, and few requests get a response.
  await Promise.race([once(socket, "data"), once(tcp, "close"), sleep(500)]).catch(() => {});
  await sleep(random(40));
  pick([() => tcp.resetAndDestroy(), () => socket.end(), () => socket.destroy(), () => {}])();
  await sleep(random(200));
  tcp.destroy();
  for (const [, status = ""] of text.matchAll(/HTTP\/1\.1 (\d{3})[A-Za-z -]*\r\n/g))
    statuses[status] = (statuses[status] ?? 0) + 1;
}

const memory: number[] = [];
async function observe(): Promise<void> {
  for (; !isOver() && site.child.exitCode === null; await sleep(1_000))
    memory.push(megabytesOf(site.child));
}
async function fuzz(): Promise<void> {
  while (!isOver() && site.child.exitCode === null) await fuzzConnection();
}

await Promise.all([observe(), ...Array.from({ length: 16 }, fuzz)]);
const wrong: string[] = [];
if (site.child.exitCode !== null) wrong.push(`the process ended: ${site.output().slice(-2_000)}`);
else if (!(await fetch(`${site.origin}/livez`)).ok) wrong.push("/livez fails");
// nginx refuses unknown versions and codings with 505 and 501. 502: Node closed the connection of a
// request with a control character in a header, before nginx had sent its body.
const failures = Object.keys(statuses).filter((code) => code >= "500");
wrong.push(...failures.filter((code) => !(values.nginx && ["501", "502", "505"].includes(code))));
const mean = (some: number[]) => Math.round(some.reduce((a, b) => a + b, 0) / some.length);
const [before, after] = [mean(memory.slice(55, 65)), mean(memory.slice(-10))];
if (memory.length >= 120 && after > 1.1 * before) wrong.push("memory grew");
site.child.kill("SIGTERM");
if ((await site.exit) !== 0) wrong.push("the exit code is not 0");
if (proxy?.exitCode === null) {
  proxy.kill("SIGTERM");
  await once(proxy, "exit"); // the SIGKILL at the end of this process would leave its workers
}
await remove();
const errors = site
  .output()
  .split("\n")
  .filter((line) => line.includes('"error"'));
console.log(`${requests} requests, statuses ${JSON.stringify(statuses)}`);
console.log(`MB after a minute and at the end: ${before}, ${after}; most: ${Math.max(...memory)}`);
console.log([...errors.slice(0, 5), ...wrong, `${wrong.length} promises broken`].join("\n"));
// Without this, a TLS connection over a destroyed socket sometimes never lets the process end.
process.exit(wrong.length > 0 ? 1 : 0);
