// Connections that no browser makes, against the process: half-open and reset sockets, long pipelines,
// and random requests.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { memory } from "./support/memory.ts";
import { megabytesOf, startProcess, unit } from "./support/process.ts";
import { sendRandomRequests } from "./support/random-requests.ts";
import { temporaryFolder } from "./support/site.ts";

const { dir } = await temporaryFolder(memory);
const site = await startProcess({ DATA_DIR: dir, ...unit.heap });

/** Opens a connection that stays half-open: it sends nothing when the site closes its side. */
async function open(bytes: string | Buffer): Promise<Socket> {
  const port = Number(new URL(site.origin).port);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {}); // the site may reset the connection
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

const host = "Host: localhost\r\n";
const connectMethod = `CONNECT x:1 HTTP/1.1\r\n${host}\r\n`;
const upgrade = `GET /livez HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
const readiness = `GET /readyz HTTP/1.1\r\n${host}\r\n`;

const isAlive = async () => (await fetch(`${site.origin}/livez`)).status === 200;

test.each(["/feed.atom", "/articles/builder-pattern-in-java", "/contact", "/search"])(
  "2,000 pipelined requests of %s with different queries take little memory, and others are served",
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
  const last = `GET /livez HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
  const socket = await open(readiness.repeat(7) + last);
  expect((await text(socket)).match(/HTTP\/1\.1 200 /g)).toHaveLength(8);
});

test("random requests in pieces, on connections that are reset or stay open, end no process and get no 5xx", async () => {
  const statuses = await sendRandomRequests(() => open(""), 1_500);
  expect(await isAlive()).toBe(true);
  expect(statuses.filter((status) => status >= "500")).toEqual([]);
  expect(statuses).toEqual(expect.arrayContaining(["200", "400", "404", "405"]));
}, 60_000);

test("a stop ends in time while clients keep connections half-open, and the exit code is 0", async () => {
  for (const bytes of [connectMethod, upgrade, readiness]) await open(bytes);
  await isAlive();
  expect(await site.stop()).toBe(0);
});
