// Three thousand slow clients at once against the real process: 1,000 that never finish their headers, 1,000 that never finish a form, and
// 1,000 that never read. Twenty more do not read and request more than the kernel buffers. Then forms of full size, 3,000 of which never
// end: memory stays below the limit of the systemd unit.

import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess, submit, type SiteProcess } from "../support/process.ts";
import { temporaryFolder } from "../support/site.ts";

const page = "/articles/builder-pattern-in-java";
const get = `GET ${page} HTTP/1.1\r\nHost: localhost\r\n`;
const bodyBytes = 256 * 1024;
const post = `POST /contact HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${bodyBytes}\r\n\r\n`;

/** `trickle` is sent every three seconds. Without it the client does not read, and does not notice when the server closes. */
type Attack = { first: string; trickle?: string; timeoutMs: number };
const slowReads: Attack = { first: `${get}\r\n`, timeoutMs: 5_000 };
const slowHeaders: Attack = { first: get, trickle: "X: y\r\n", timeoutMs: 10_000 };
const slowBodies: Attack = { first: post, trickle: "a", timeoutMs: 20_000 };
const each = 1_000;
const graceMs = 1_500;
const unit = readFileSync(
  new URL("../../docs/going-live/clean-systems.service", import.meta.url),
  "utf8",
);
const maxMemory = Number(/^MemoryMax=(\d+)M$/m.exec(unit)?.[1]); // V8 takes half of it as the limit of its heap, here by an option

let remove: () => Promise<void>;
let site: SiteProcess;
let sockets: Socket[];
let visiting: boolean;
beforeEach(async () => {
  sockets = [];
  visiting = true;
  const folder = await temporaryFolder();
  remove = folder.remove;
  site = await startProcess({
    DATA_DIR: folder.dir,
    NODE_OPTIONS: `--max-old-space-size=${maxMemory / 2}`,
  });
});
afterEach(async () => {
  visiting = false;
  for (const socket of sockets) socket.destroy();
  site.child.kill("SIGKILL");
  await site.exit;
  await remove();
});

/** Waits until the condition is true, or until the deadline. */
async function until(condition: () => Promise<boolean>, deadline: number): Promise<void> {
  while (performance.now() < deadline && !(await condition())) await sleep(50);
}

const openFiles = async () => (await readdir(`/proc/${site.child.pid}/fd`)).length;

/** Opens the connections of one attack. Returns when the last was opened, and promises of how long each was held. */
async function attack({ first, trickle }: Attack) {
  const held: Promise<number>[] = [];
  while (held.length < each) {
    const socket = connect(Number(new URL(site.origin).port), "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {}); // a reset also ends the connection
    await once(socket, "connect");
    const openedAt = performance.now();
    socket.write(first);
    if (!trickle) {
      held.push(Promise.resolve(0)); // a client that does not read does not notice the end
      continue;
    }
    const timer = setInterval(() => socket.write(trickle), 3_000);
    socket.resume().on("end", () => socket.destroy());
    held.push(
      once(socket, "close").then(() => {
        clearInterval(timer);
        return performance.now() - openedAt;
      }),
    );
  }
  return { openedAt: performance.now(), held };
}

/** Requests 300 pages and reads none. The kernel buffers about 170 of them (4 MB), so the site cannot send the rest. */
async function askForMuch(): Promise<void> {
  const socket = connect(Number(new URL(site.origin).port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  for (let batch = 0; batch < 10; batch += 1) {
    socket.write(`${get}\r\n`.repeat(30));
    await sleep(50);
  }
}

/** Visits pages until the returned function is called, which returns their number, the p99 of their durations in milliseconds, and failures. */
function visit() {
  const took: number[] = [];
  const failures: unknown[] = [];
  const visitor = async (address: string) => {
    while (visiting) {
      const startedAt = performance.now();
      await fetch(site.origin + address)
        .then(async (response) =>
          response.ok ? response.text() : Promise.reject(new Error(String(response.status))),
        )
        .catch((error: unknown) => failures.push(error));
      took.push(performance.now() - startedAt);
      await sleep(25);
    }
  };
  const visitors = [visitor(page), visitor("/contact"), visitor("/search?q=queue")];
  return async () => {
    visiting = false;
    await Promise.all(visitors);
    took.sort((a, b) => a - b);
    return { count: took.length, p99: took[Math.floor(took.length * 0.99)] ?? Infinity, failures };
  };
}

test("slow clients are disconnected within their time limits, and other visitors are served meanwhile", async () => {
  await (await fetch(site.origin + page)).text();
  const filesBefore = await openFiles();
  const stopVisiting = visit();

  const [headers, bodies] = await Promise.all([
    attack(slowHeaders),
    attack(slowBodies),
    attack(slowReads),
  ]);
  const allHeld = filesBefore + 3 * each;
  await until(async () => (await openFiles()) >= allHeld, performance.now() + 2_000);
  expect(await openFiles()).toBeGreaterThanOrEqual(allHeld); // all are connected
  expect((await submit(site.origin)).status).toBe(303); // the store still gets a descriptor

  await sleep(slowReads.timeoutMs + graceMs);
  expect(await openFiles()).toBeLessThan(filesBefore + 2 * each + 50); // those that did not read are disconnected
  await Promise.all(Array.from({ length: 20 }, askForMuch));
  const askedAt = performance.now();

  const longest = async ({ held }: typeof headers) => Math.max(...(await Promise.all(held)));
  const late = [
    (await longest(headers)) - slowHeaders.timeoutMs,
    (await longest(bodies)) - slowBodies.timeoutMs,
  ].map(Math.round);
  await until(async () => (await openFiles()) <= filesBefore + 10, askedAt + 20_000 + graceMs);
  expect(await openFiles()).toBeLessThanOrEqual(filesBefore + 10);

  const { count, p99, failures } = await stopVisiting();
  process.stderr.write(
    `3,000 slow clients: headers gone ${late[0]} ms late, bodies ${late[1]} ms; others saw ${count} pages meanwhile, p99 ${Math.round(p99)} ms\n`,
  );
  expect(Math.max(...late)).toBeLessThan(graceMs);
  expect(failures).toEqual([]);
  expect(p99).toBeLessThan(500);
});

/** Returns a figure of the site's memory in MiB: VmRSS, what it takes now, or VmHWM, the most it ever took. */
async function memory(figure: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${site.child.pid}/status`, "utf8");
  return Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

test.each([
  [3_000, "never end", "a".repeat(bodyBytes - 1)],
  [50, "arrive in chunks of one byte", "1\r\na\r\n".repeat(bodyBytes - 1)],
])(
  "%d forms of full size that %s take less than the memory of the unit, and another form is stored meanwhile",
  async (count, what, body) => {
    const head = body.startsWith("1")
      ? post.replace(/Content-Length: .*/, "Transfer-Encoding: chunked")
      : post;
    const bytes = Buffer.from(head + body);
    const before = await memory("VmRSS");
    for (let sent = 0; sent < count; sent += 1) {
      const socket = connect(Number(new URL(site.origin).port), "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {}); // a reset also ends the connection
      await once(socket, "connect");
      socket.write(bytes);
    }
    const other = await submit(site.origin);
    const most = await memory("VmHWM");
    process.stderr.write(
      `${count} forms of full size that ${what}: ${Math.round(before)} MB before, ${Math.round(most)} MB at most\n`,
    );
    expect(other.status).toBe(303);
    expect(most).toBeLessThan(maxMemory);
  },
  120_000,
);
