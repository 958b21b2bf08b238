// Random requests, as no browser sends them, on connections that are reset or stay open.

import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import * as fc from "fast-check";

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((codes) => Buffer.from(codes).toString("latin1"));
const targets = `/ /articles /articles/builder-pattern-in-java.md /contact /search?q=java /feed.atom
  /readyz /none /contact/received?ref=CS-0000-0000 /staff/x * /favicon.ico /ARTICLES/ /%zz
  /og/builder-pattern-in-java.png //x/%2e%2e/ http://localhost/articles http://[::1 x:1
  /${"/".repeat(4_000)}a`.split(/\s+/);
const headers = [
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
    more: fc.array(fc.oneof(fc.constantFrom(...headers), bytes(60)), { maxLength: 2 }),
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

/**
 * Sends requests in two pieces on each of `count` connections, 16 at a time. `open` opens a
 * connection. Returns the status codes of the responses.
 */
export async function sendRandomRequests(
  open: (number: number) => Promise<Socket>,
  count: number,
): Promise<string[]> {
  const statuses = new Set<string>();
  const connections = fc.sample(connection, { seed: 1, numRuns: count }).entries();
  const sendThem = async () => {
    for (const [number, { requests, first, end }] of connections) {
      const sent = Buffer.from(requests.join(""), "latin1");
      const cut = Math.floor(first * sent.length);
      const socket = await open(number);
      let output = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => (output += chunk));
      socket.write(sent.subarray(0, cut));
      await sleep(5);
      socket.write(sent.subarray(cut));
      const received = Promise.race([once(socket, "data"), once(socket, "close"), sleep(100)]);
      await received.catch(() => {}); // reset by the site
      const cannotReset = socket instanceof TLSSocket;
      if (end) socket[cannotReset && end === "resetAndDestroy" ? "destroy" : end]();
      await sleep(20);
      socket.destroy();
      for (const [, status = ""] of output.matchAll(/HTTP\/1\.1 (\d{3})/g)) statuses.add(status);
    }
  };
  await Promise.all(Array.from({ length: 16 }, sendThem));
  return [...statuses];
}
