// What happens before Express: malformed requests get a 4xx, and stored responses equal rendered ones
// in every header and byte, in the coding that the client accepts, and are never stale.

import { writeFileSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { sent } from "../support/sent.ts";

const queues = (words: string) => articleFile({ topics: "[Java]" }, `It is ${words}.\n`);
const files = { "queues.md": queues("before") };
const site = await buildSiteOf(files);
const { get, origin } = site;

/**
 * Sends `bytes` (one character, one byte), as a careless or hostile client does. Resolves when the
 * server closes, or when a response without Connection: close arrived.
 */
function sendRaw(bytes: string): Promise<{ statuses: number[]; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect((site.server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    const statuses = () =>
      Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status));
    const done = () => {
      socket.destroy();
      resolve({ statuses: statuses(), text });
    };
    socket.setEncoding("latin1").setTimeout(30_000, () => reject(new Error("no response")));
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (statuses().length > 0 && !/^connection: close\r$/im.test(text)) done();
    });
    socket.on("error", done); // a reset also ends the connection
    socket.on("end", done);
    socket.on("connect", () => socket.write(Buffer.from(bytes, "latin1")));
  });
}

const host = "Host: localhost\r\n";
const cached = "/articles/queues";
const ask = (target: string, headers = host, method = "GET") =>
  `${method} ${target} HTTP/1.1\r\n${headers}\r\n`;
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join("");
const form = `${host}Content-Type: application/x-www-form-urlencoded\r\n`;
const post = (headers: string, body = "") => `POST /contact HTTP/1.1\r\n${headers}\r\n${body}`;
const short = "Content-Length: 3\r\n";
const x = (count: number) => "x".repeat(count);

await sendRaw(ask(cached)); // stored from now on, so it is written before Express runs

const isAlive = async () => (await sendRaw(ask("/robots.txt"))).statuses[0] === 200;

type Refused = [what: string, bytes: string, status: number];

test.each<Refused>([
  ["two Hosts behind many headers", ask(cached, `${host}${many(70)}Host: evil.example\r\n`), 431],
  ["a header of 20,000 bytes", ask("/", `${host}X: ${x(20_000)}\r\n`), 431],
  ["200 headers", ask(cached, host + many(200)), 431],
  ["a URL of 20,000 bytes", ask(`/${x(20_000)}`), 431],
  [
    "chunks and a length, with a second request inside",
    post(`${form}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${ask("/x")}`),
    400,
  ],
  ["a URL with bytes above ASCII", ask("/staff/\xff\xfe"), 400],
  ["noise", "\xff\xfe\xfd\0\x01 noise\r\n\r\n", 400],
])("Node refuses %s with a status line", async (_what, bytes, status) => {
  const { statuses, text: answer } = await sendRaw(bytes);
  expect(statuses).toEqual([status]); // one response: what was smuggled behind it is not read as a request
  expect(answer).not.toMatch(/^content-type:/im);
  expect(await isAlive()).toBe(true);
});

test.each<Refused>([
  ["two Hosts", ask("/", `${host}Host: evil.example\r\n`), 400],
  ["two Hosts on a cached page", ask(cached, `${host}Host: evil.example\r\n`), 400],
  ["a length above the limit", post(`${form}Content-Length: ${256 * 1_024 + 1}\r\n`, "a=b"), 413],
  ["an unknown transfer coding", post(`${form}Transfer-Encoding: gzip\r\n`, "a=b"), 411],
  ["a form in chunks", post(`${form}Transfer-Encoding: chunked\r\n`, "3\r\na=b\r\n0\r\n\r\n"), 411],
  ["33 fields", post(`${form}Content-Length: 131\r\n`, `${"a=b&".repeat(32)}a=b`), 422],
  ["a URL of another scheme", ask("ftp://x/y"), 400],
  ["invalid percent-encoding", ask("/articles/%zz"), 400],
  ["percent-encoding that is not UTF-8", ask("/topics/%ff%fe"), 400],
  ["a path traversal", ask("/../../../../etc/passwd"), 404],
  ["a percent-encoded path traversal", ask("/images/%2e%2e%2f%2e%2e%2fpackage.json"), 404],
  ["a file name of 5,000 characters", ask(`/images/${x(5_000)}.png`), 404],
  ["GET *", ask("*"), 400],
  ["a host that cannot be read", ask("http://[::1"), 400],
  ["OPTIONS *", ask("*", host, "OPTIONS"), 400],
  ["OPTIONS", ask("/contact", host, "OPTIONS"), 405],
  ["TRACE", ask(cached, host, "TRACE"), 405],
  ["PURGE of a cached page", ask(cached, host, "PURGE"), 405],
  ["no Content-Type", post(host + short, "a=b"), 415],
  ["two Content-Types", post(`${form}Content-Type: text/plain\r\n${short}`, "a=b"), 415],
  ["two Origins", post(`${form}Origin: http://localhost\r\nOrigin: null\r\n${short}`, "a=b"), 403],
])("the site refuses %s", async (_what, bytes, status) => {
  const { statuses, text: answer } = await sendRaw(bytes);
  expect(statuses).toEqual([status]);
  const [head = ""] = answer.split("\r\n\r\n", 1);
  expect(head).toMatch(/\r\nContent-Security-Policy: /i); // the others are in web/every-route
  expect(head).toMatch(/\r\nCache-Control: (no-store|private, no-cache)\r/i);
  if (status === 405) expect(head).toMatch(/\r\nAllow: GET, HEAD/i);
  expect(head).not.toMatch(/\r\n(server|x-powered-by|set-cookie):/i);
  expect(answer).not.toMatch(/\bnode\b|express\b|node_modules|\.ts:\d|\/src\/|Error:.* at /i);
  expect(await isAlive()).toBe(true);
});

const forged = "X-Forwarded-For: <b>,,1\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: gopher\r\n";
const invalid = 'Accept: ;;,/;q=q\r\nAccept-Encoding: ;q=1,,\r\nIf-None-Match: "\\"\r\n';
test.each([
  ["a URL with scheme and host", ask(`http://evil.example${cached}`)],
  ["a feed's URL with scheme and host", ask("http://evil.example/feed.atom")],
  ["invalid Accept headers", ask(cached, host + invalid)],
  ["an odd query", ask("/search?__proto__=1&q[a]=b&q=%zz")],
  ["forged X-Forwarded headers", ask(cached, host + forged)],
])("%s is harmless", async (_what, bytes) => {
  const { statuses, text } = await sendRaw(bytes);
  expect([statuses, text.includes("evil")]).toEqual([[200], false]);
});

test("unknown addresses are logged at debug, refused posts at warn", async () => {
  const levelsOf = async (bytes: string) => {
    const before = site.logged.length;
    await sendRaw(bytes);
    return site.logged.slice(before).flatMap(({ msg, level }) => (msg === "request" ? [] : level));
  };
  for (const target of ["/none", "/contact/received?ref=CS-0000-0000", `/staff/${"0".repeat(32)}`])
    expect(await levelsOf(ask(target))).not.toContain("warn");
  expect(await levelsOf(post(`${form}Origin: null\r\n${short}`, "a=b"))).toEqual(["warn"]);
});

test("an idle connection outlives nginx's minute, without a proxy 5 s", async () => {
  const keepAliveOf = async ({ server }: Pick<typeof site, "server">) =>
    (await request(server).get("/robots.txt").set("Connection", "keep-alive")).headers[
      "keep-alive"
    ];
  expect(await keepAliveOf(site)).toBe("timeout=5");
  await using proxied = await buildSiteOf(files, { env: { TRUST_PROXY: "1" } });
  expect(await keepAliveOf(proxied)).toBe("timeout=75");
});

/** How often Express runs: it logs each request. */
const rendered = () => site.logged.length;

test("a stored response is the first one, byte for byte, without Express", async () => {
  const [font = ""] = /\/assets\/fonts\/[^"]+/.exec((await get("/")).text) ?? [];
  const addresses = "/ /articles /feed.atom /robots.txt /favicon.ico /apple-touch-icon.png".split(
    " ",
  );
  for (const address of [...addresses, cached, font]) {
    const first = await get(address);
    const before = rendered();
    const second = await get(address);
    expect([address, rendered() - before]).toEqual([address, 0]);
    const { date: _first, ...headers } = first.headers as Record<string, string>;
    const { date: _second, ...stored } = second.headers as Record<string, string>;
    expect([address, stored]).toEqual([address, headers]);
    expect(stored).toMatchObject({ etag: expect.any(String), "x-frame-options": "DENY" });
    expect(second.text === first.text).toBe(true);
  }
});

test.each(["/privacy#1", "http://another.example/privacy"])(
  "a stranger cannot store a response under %s",
  async (target) => {
    expect((await sendRaw(ask(target))).statuses).toEqual([200]);
    const before = rendered();
    await sendRaw(ask(target));
    expect(rendered()).toBe(before + 1);
  },
);

test.each(["/feed.atom", "/topics/java/feed.atom", "/og/queues.png"])(
  "%s with a query costs a redirect, because the response is the same",
  async (address) => {
    const { status, headers } = await get(`${address}?x=1`);
    expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${address}`]);
  },
);

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br ; q=0.000 , GZIP", "gzip"],
  ["gzip;q=0", undefined],
  ["", undefined],
  ["BR", "br"],
  ["*", "br"],
  ["*;q=0", undefined],
  ["nonsense;q=x", undefined],
])("Accept-Encoding %j gets %s", async (accepted, coding) => {
  const { headers, body } = await sent(origin + cached, { "Accept-Encoding": accepted });
  expect(headers["content-encoding"]).toBe(coding);
  expect(headers["vary"]).toBe("Accept-Encoding");
  expect(Number(headers["content-length"])).toBe(body.length);
  const decode =
    { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ""] ?? ((bytes: Buffer) => bytes);
  expect(decode(body).toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
});

test("a known ETag, the same in each coding, is a 304 without a body", async () => {
  const { etag = "" } = (await sent(origin + cached, {})).headers;
  for (const accepted of ["br", "gzip", "identity"]) {
    const askFor = (tag: string) =>
      sent(origin + cached, { "Accept-Encoding": accepted, "If-None-Match": tag });
    // RFC 9110, 13.1.2: compared weakly, and "*" is every tag.
    for (const tag of [etag, `"other", ${etag}`, etag.replace("W/", ""), "*"]) {
      const { status, body, headers } = await askFor(tag);
      expect([tag, status, body.length, headers["etag"]]).toEqual([tag, 304, 0, etag]);
      expect(headers).not.toHaveProperty("content-length");
    }
    expect((await askFor(`W/"other"`)).status).toBe(200);
  }
});

test("HEAD has the headers of GET, also as the first request", async () => {
  for (const address of [cached, "/topics/java", "/search?q=java"]) {
    const head = await request(site.server).head(address).set("Accept-Encoding", "gzip");
    const full = await get(address).set("Accept-Encoding", "gzip");
    for (const name of ["etag", "vary", "content-length", "content-encoding"])
      expect([name, head.headers[name]]).toEqual([name, full.headers[name]]);
    expect([head.status, head.text]).toEqual([200, undefined]);
  }
});

test.each([
  ["a page that does not exist", "/nowhere", 404],
  ["a response without an age", "/problems", 200],
  ["a search", "/search?q=java", 200],
  ["a form with an answer chosen", "/contact?kind=release", 200],
  ["a page with a query that it ignores", `${cached}?utm_source=x`, 200],
  ["a percent-encoded URL", "/articles/%71ueues", 200],
])("%s is rendered for each request", async (_what, address, status) => {
  const before = rendered();
  for (let time = 1; time <= 2; time += 1) expect((await get(address)).status).toBe(status);
  expect(rendered()).toBe(before + 2);
});

test("a stored page and the feed are rendered again when an article is saved", async () => {
  const addresses = [cached, `${cached}.md`, "/feed.atom"];
  for (const address of addresses) expect((await get(address)).text).toContain("It is before.");
  writeFileSync(path.join(site.config.articlesDir, "queues.md"), queues("after"));
  site.library.refresh();
  for (const address of addresses) expect((await get(address)).text).toContain("It is after.");
});
