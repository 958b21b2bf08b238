// As many slow clients as the server accepts, against the real process: others are served, slow
// clients are disconnected in time, and memory stays below the limit of the systemd unit.

import { connect } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { megabytesOf, startProcess, submit, unit, type SiteProcess } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

const maxConnections = 300;
const page = "/articles/builder-pattern-in-java";
const host = "Host: localhost\r\n";
const bodyBytes = 256 * 1_024;
const form = `POST /contact HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\n`;

/**
 * Opens connections that send these bytes and read nothing. `trickle` follows every 3 s. `sockets`
 * gets each connection.
 */
async function attack(
  { origin }: SiteProcess,
  sockets: DisposableStack,
  count: number,
  bytes: string,
  trickle = "",
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1").pause();
    sockets.defer(() => socket.destroy());
    socket.on("error", () => {}); // the site may reset the connection
    await once(socket, "connect");
    socket.write(bytes);
    const timer = setInterval(() => socket.write(trickle), 3_000);
    socket.on("close", () => clearInterval(timer));
  }
}

const most = maxConnections - 20;
// 2,520 pages that are not cached take 8 s of CPU, which is more than a minute on a busy machine.
const timeoutMs = 300_000;
// Concurrently, because each waits for the time-outs.
test.concurrent.each([
  ["never finish their headers", `GET ${page} HTTP/1.1\r\n${host}`, "X: y\r\n"],
  ["never finish a form", `${form}Content-Length: ${bodyBytes}\r\n\r\n`, "a"],
  [
    "never send the last byte of a long form",
    `${form}Content-Length: ${bodyBytes}\r\n\r\n${"a".repeat(bodyBytes - 1)}`,
    "",
  ],
  [
    "send a long form of any script byte by byte",
    `${form}Content-Length: ${bodyBytes}\r\n\r\n${"€".repeat(bodyBytes / 3 - 10)}`,
    "a",
  ],
  ["do not read what they request", `GET ${page}?a HTTP/1.1\r\n${host}\r\n`.repeat(9), ""],
  [
    "do not read pages that are not cached",
    `GET /articles?a HTTP/1.1\r\n${host}\r\n`.repeat(9),
    "",
  ],
])(
  "clients that %s",
  async (what, bytes, trickle) => {
    await using folder = await temporaryFolder();
    await using site = await startProcess({ DATA_DIR: folder.dir, ...unit.heap });
    using sockets = new DisposableStack();
    await (await fetch(site.origin + page)).text();
    await attack(site, sockets, most, bytes, trickle);
    expect((await fetch(site.origin + page)).status).toBe(200);
    expect((await submit(site.origin, { message: `While clients ${what}` })).status).toBe(303);
    await sleep(23_000); // all time-outs are at most 20 s
    const peak = megabytesOf(site.child, "VmHWM");
    process.stderr.write(`${most} clients that ${what}: at most ${peak} MB\n`);
    expect(peak).toBeLessThan(unit.megabytes);
    await attack(site, sockets, most, `GET ${page} HTTP/1.1\r\n${host}\r\n`); // the former connections are closed
    expect((await fetch(site.origin + page)).status).toBe(200);
  },
  timeoutMs,
);
