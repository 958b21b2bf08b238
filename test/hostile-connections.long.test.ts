// Connections that no browser makes, against the process: half-open and reset sockets, long pipelines,
// random requests, and as many slow clients as the server accepts.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { megabytesOf, startProcess, submit, unit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

const { dir } = await temporaryFolder();
const site = await startProcess({ DATA_DIR: dir, ...unit.heap });

/** Opens a connection that stays half-open: it sends nothing when the site closes its side. */
async function open(bytes: string | Buffer, { origin } = site): Promise<Socket> {
  const port = Number(new URL(origin).port);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {}); // the site may reset the connection
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

const host = "Host: localhost\r\n";
const connectMethod = `CONNECT x:1 HTTP/1.1\r\n${host}\r\n`;
const upgrade = `GET /robots.txt HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
const readiness = `GET /readyz HTTP/1.1\r\n${host}\r\n`;

const isAlive = async () => (await fetch(`${site.origin}/robots.txt`)).status === 200;

test.each(["/feed.atom", "/articles/builder-pattern-in-java", "/contact", "/search"])(
  "2,000 pipelined requests of %s take little memory",
  async (path) => {
    const requests = Array.from(
      { length: 2_000 },
      (_one, index) => `GET ${path}?q=${index} HTTP/1.1\r\n${host}\r\n`,
    );
    const socket = await open(requests.join(""));
    await text(socket).catch(() => ""); // reads until the site closes the connection
    socket.destroy();
    expect(await isAlive()).toBe(true);
    expect(megabytesOf(site.child, "VmHWM")).toBeLessThan(300);
  },
);

test("a form that is pipelined behind another request closes the connection", async () => {
  const body = "a=b";
  const type = "Content-Type: application/x-www-form-urlencoded\r\n";
  const form = `POST /contact HTTP/1.1\r\n${host}${type}Content-Length: ${body.length}\r\n\r\n`;
  const socket = await open(readiness + form + body);
  expect(await text(socket).catch(() => "")).not.toContain(" 422 ");
  socket.destroy();
  expect(await isAlive()).toBe(true);
});

test("eight pipelined requests get eight responses", async () => {
  const last = `GET /robots.txt HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
  const socket = await open(readiness.repeat(7) + last);
  expect((await text(socket)).match(/HTTP\/1\.1 200 /g)).toHaveLength(8);
});

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((codes) => Buffer.from(codes).toString("latin1"));
const targets = `/ /articles /articles/builder-pattern-in-java.md /contact /search?q=java /feed.atom
  /readyz /none /contact/received?ref=CS-0000-0000 /staff/x * /favicon.ico /ARTICLES/ /%zz
  /og/builder-pattern-in-java.png //x/%2e%2e/ http://localhost/articles http://[::1 x:1
  /${"/".repeat(4_000)}a`.split(/\s+/);
const strangeHeaders = [
  "Connection: Upgrade\r\nUpgrade: websocket",
  "Connection: close",
  "Accept-Encoding: br;q=0",
  `If-None-Match: "a"${" ".repeat(3_000)}"b"`,
  "Expect: 100-continue",
  "Range: bytes=1-",
  "Host: evil.example",
  "Transfer-Encoding: chunked",
  "Content-Length: -1",
  `X-Long: ${"x".repeat(17_000)}`,
];
const request = fc
  .record({
    method: fc.oneof(fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "CONNECT"), bytes(5)),
    target: fc.oneof(
      { weight: 7, arbitrary: fc.constantFrom(...targets) },
      { weight: 1, arbitrary: bytes(40) },
    ),
    version: fc.constantFrom("1.1", "1.1", "1.1", "1.1", "1.0", "2.0"),
    more: fc.array(fc.oneof(fc.constantFrom(...strangeHeaders), bytes(60)), { maxLength: 2 }),
    body: fc.option(fc.oneof(bytes(300), fc.constantFrom("name=a&email=b", "x".repeat(70_000)))),
  })
  .map(({ method, target, version, more, body }) => {
    const lines = [`${method} ${target} HTTP/${version}`, "Host: localhost", ...more];
    const type = "Content-Type: application/x-www-form-urlencoded";
    if (body !== null) lines.push(type, `Content-Length: ${body.length}`);
    return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
  });
const connection = fc.record({
  requests: fc.oneof(fc.array(request, { minLength: 1, maxLength: 40 }), fc.tuple(request)),
  /** The share that is sent at first. */
  first: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  end: fc.constantFrom("resetAndDestroy", "destroy", "end", undefined),
});

test("random requests in pieces end no process and get no 5xx", async () => {
  const statuses = new Set<string>();
  const connections = fc.sample(connection, { seed: 1, numRuns: 1_500 }).values();
  const sendThem = async () => {
    for (const { requests, first, end } of connections) {
      const sent = Buffer.from(requests.join(""), "latin1");
      const cut = Math.floor(first * sent.length);
      const socket = await open(sent.subarray(0, cut));
      let output = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => (output += chunk));
      await sleep(5);
      socket.write(sent.subarray(cut));
      const received = Promise.race([once(socket, "data"), once(socket, "close"), sleep(100)]);
      await received.catch(() => {}); // reset by the site
      if (end) socket[end]();
      await sleep(20);
      socket.destroy();
      for (const [, status = ""] of output.matchAll(/HTTP\/1\.1 (\d{3})/g)) statuses.add(status);
    }
  };
  await Promise.all(Array.from({ length: 16 }, sendThem)); // 16 at a time
  expect(await isAlive()).toBe(true);
  expect([...statuses].filter((status) => status >= "500")).toEqual([]);
  expect([...statuses]).toEqual(expect.arrayContaining(["200", "400", "404", "405"]));
}, 60_000);

const page = "/articles/builder-pattern-in-java";
const bodyBytes = 256 * 1_024;
const form = `POST /contact HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
/** What slow clients send at first, and then every 3 s. */
const slow: Record<string, [bytes: string, trickle: string]> = {
  "never finish their headers": [`GET ${page} HTTP/1.1\r\n${host}`, "X: y\r\n"],
  "never finish a form": [form, "a"],
  "never send the last byte of a long form": [form + "a".repeat(bodyBytes - 1), ""],
  "send a long form of any script byte by byte": [form + "€".repeat(bodyBytes / 3 - 10), "a"],
  "do not read what they request": [`GET ${page}?a HTTP/1.1\r\n${host}\r\n`.repeat(9), ""],
  "do not read pages that are not cached": [
    `GET /articles?a HTTP/1.1\r\n${host}\r\n`.repeat(9),
    "",
  ],
};

test("slow clients are disconnected in time, and prevent nothing meanwhile", async () => {
  const beside = async (what: string, bytes: string, trickle: string) => {
    await using folder = await temporaryFolder();
    await using attacked = await startProcess({ DATA_DIR: folder.dir, ...unit.heap });
    using sockets = new DisposableStack();
    const attack = async (first: string, more: string) => {
      for (let count = 0; count < 280; count += 1) {
        // of the 300 that the server accepts
        const socket = (await open(first, attacked)).pause();
        const timer = setInterval(() => socket.write(more), 3_000);
        socket.on("close", () => clearInterval(timer));
        sockets.defer(() => socket.destroy());
      }
      const status = await fetch(attacked.origin + page).then((page) => page.status, String);
      expect([what, status]).toEqual([what, 200]);
    };
    await (await fetch(attacked.origin + page)).text();
    await attack(bytes, trickle);
    const { status } = await submit(attacked.origin, { message: `While clients ${what}` });
    expect([what, status]).toEqual([what, 303]);
    await sleep(23_000); // all time-outs are at most 20 s
    const peak = megabytesOf(attacked.child, "VmHWM");
    process.stderr.write(`280 clients that ${what}: at most ${peak} MB\n`);
    expect(peak).toBeLessThan(unit.megabytes);
    await attack(`GET ${page} HTTP/1.1\r\n${host}\r\n`, ""); // the former connections are closed
  };
  // All kinds at once, because each waits for the time-outs.
  await Promise.all(Object.entries(slow).map(([what, sent]) => beside(what, ...sent)));
}, 300_000); // 2,520 pages that are not cached take 8 s of CPU: more than a minute on a busy machine

test("a stop ends in time while clients keep connections half-open", async () => {
  for (const bytes of [connectMethod, upgrade, readiness]) await open(bytes);
  await isAlive();
  expect(await site.stop()).toBe(0);
});
