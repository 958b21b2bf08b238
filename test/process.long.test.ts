// The process: how it starts, refuses to start, and stops.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "./support/listen.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { startProcess, submit, type SiteProcess } from "./support/process.ts";
import { filledForm, temporaryFolder } from "./support/site.ts";
import { openStore } from "./support/store.ts";

const articles = await articlesFolder({
  "why-queues-wait.md": articleFile({ title: "Why Queues Wait" }),
});

let dir: string;
/** A new folder of data and one article: a start renders every article, and those of the repository take most of its processor time. */
let settings: { DATA_DIR: string; ARTICLES_DIR: string };
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  settings = { DATA_DIR: dir, ARTICLES_DIR: articles.dir };
});

/** Waits until the site has logged these words. */
async function said(site: SiteProcess, words: string): Promise<void> {
  while (!site.output().includes(words)) await once(site.child.stdout ?? site.child, "data");
}

test("it says that its port is taken, and what to do", async () => {
  const other = createServer();
  const { hostname: HOST, port: PORT } = new URL(await listen(other));
  const sentence = `^Port ${PORT} is taken: .* set PORT to another one\\.\\n$`;
  await expect(startProcess({ ...settings, HOST, PORT })).rejects.toThrow(
    RegExp(`the site ended with 1: [^]*${sentence}`, "m"),
  );
});

/** Sends a request except its end. The result sends that, and returns all that came back. */
async function unfinished({ origin }: SiteProcess, request: string, end: string) {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(request);
  return async () => {
    socket.write(end);
    return text(socket);
  };
}

async function halfAForm(site: SiteProcess) {
  const body = new URLSearchParams(filledForm).toString();
  const type = "Content-Type: application/x-www-form-urlencoded";
  const head = `POST /contact HTTP/1.1\r\nHost: localhost\r\n${type}`;
  const sent = `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 50)}`;
  return unfinished(site, sent, body.slice(50));
}

test("it stops: no new connections, and requests in progress are finished", async () => {
  const site = await startProcess(settings);
  const finishForm = await halfAForm(site);
  const finishGet = await unfinished(
    site,
    "GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n",
    "\r\n",
  );
  await fetch(`${site.origin}/robots.txt`); // what was sent before it is being read
  site.child.kill("SIGTERM");
  site.child.kill("SIGTERM"); // as npm repeats the signal that it receives
  await said(site, "SIGTERM: finishing the requests and the mail in progress");
  expect(await finishGet()).toMatch(/^HTTP\/1\.1 200 [\s\S]*Connection: close/i);
  await expect(unfinished(site, "", "")).rejects.toThrow("ECONNREFUSED"); // no new connection
  expect(await finishForm()).toMatch(/HTTP\/1\.1 303 /);
  expect(await site.exit).toBe(0);
  expect(site.output().match(/SIGTERM/g)).toHaveLength(1);
  expect((await readdir(dir)).filter((name) => name.endsWith("-wal"))).toEqual([]);
});

test("a SIGTERM to npm stops the site gracefully", async () => {
  const npm = await startProcess(settings, ["npm", "start"]);
  expect(await npm.stop()).toBe(0); // the output has ended, and with it the site
  expect(npm.output()).toContain("SIGTERM: finishing the requests and the mail in progress");
});

test("it says to systemd again and again that it runs", async () => {
  const program = '#!/bin/sh\necho "$*" >>"$DATA_DIR/notified"\n';
  await writeFile(path.join(dir, "systemd-notify"), program, { mode: 0o755 });
  const PATH = `${dir}:${process.env["PATH"]}`;
  const site = await startProcess({ ...settings, PATH, WATCHDOG_USEC: "300000" });
  const said = () => readFile(path.join(dir, "notified"), "utf8").catch(() => "");
  while (!(await said()).startsWith("WATCHDOG=1\nWATCHDOG=1\n")) await sleep(50);
  expect(await site.stop()).toBe(0);
});

test("an uncaught error ends the process with 1 after its requests", async () => {
  const throwing =
    'process.on("SIGUSR2", () => setImmediate(() => { throw new Error("on purpose"); }))';
  const site = await startProcess({
    ...settings,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(throwing)}`,
  });
  const finishForm = await halfAForm(site);
  await fetch(`${site.origin}/robots.txt`);
  site.child.kill("SIGUSR2");
  await said(site, "finishing the requests and the mail in progress");
  site.child.kill("SIGTERM");
  expect(await finishForm()).toMatch(/HTTP\/1\.1 303 /);
  expect(await site.exit).toBe(1);
  expect(site.output()).toMatch(/uncaught error: .*\nError: on purpose/);
});

test("it keeps working when the reader of its log has exited", async () => {
  const site = await startProcess(settings);
  site.child.stdout?.destroy();
  for (const message of ["one", "two"])
    expect((await submit(site.origin, { message })).status).toBe(303);
  expect(await site.stop()).toBe(0);
});

test("a mail server that hangs prevents no stop, and the inquiry stays", async () => {
  const deaf = createServer((socket) => socket.write("220 and not a word more\r\n"));
  const SMTP_URL = (await listen(deaf)).replace("http", "smtp");
  const smtp = { SMTP_URL, SMTP_REQUIRE_TLS: "false" };
  const site = await startProcess({ ...settings, ...smtp });
  const connected = once(deaf, "connection");
  const { location } = await submit(site.origin);
  await connected;
  expect(await site.stop()).toBe(0);
  expect(site.output()).toContain("the mail in progress did not finish in time");
  const store = await openStore(dir);
  expect((await store.list()).map(({ reference }) => reference)).toEqual([
    location.match(/CS-[0-9A-Z]{4}-[0-9A-Z]{4}/)?.[0],
  ]);
});
