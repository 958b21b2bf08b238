// The HTTP server with raw bytes on a socket: malformed requests get a 4xx, and the site still responds.

import request from "supertest";
import { sendRaw } from "../support/raw.ts";
import { buildTestSite } from "../support/site.ts";

const host = "Host: localhost\r\n";
const cached = "/articles/builder-pattern-in-java";
const get = (target: string, headers = host, version = "1.1", method = "GET") =>
  `${method} ${target} HTTP/${version}\r\n${headers}\r\n`;
const bodyLimit = 256 * 1024;
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join("");
const form = `${host}Content-Type: application/x-www-form-urlencoded\r\n`;
const post = (headers: string, body = "", version = "1.1") =>
  `POST /contact HTTP/${version}\r\n${headers}\r\n${body}`;
const short = "Content-Length: 3\r\n";
const chunked = `${form}Transfer-Encoding: chunked\r\n`;
const x = (count: number) => "x".repeat(count);

const site = await buildTestSite();
await sendRaw(site.server, get(cached)); // stored from now on, so it is written before Express runs

type Refused = [what: string, bytes: string, status: number];

const refusedByNode: Refused[] = [
  ["two Hosts behind many headers", get(cached, `${host}${many(70)}Host: evil.example\r\n`), 431],
  ["a header of 20,000 bytes", get("/", `${host}X: ${x(20_000)}\r\n`), 431],
  ["200 headers", get(cached, host + many(200)), 431],
  ["a URL of 20,000 bytes", get(`/${x(20_000)}`), 431],
  [
    "chunks and a length, with a second request inside",
    post(`${form}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${get("/x")}`),
    400,
  ],
  ["noise", "\xff\xfe\xfd\0\x01 noise\r\n\r\n", 400],
];

const refusedByTheSite: Refused[] = [
  ["two Hosts", get("/", `${host}Host: evil.example\r\n`), 400],
  ["two Hosts on a cached page", get(cached, `${host}Host: evil.example\r\n`), 400],
  ["a length above the limit", post(`${form}Content-Length: ${bodyLimit + 1}\r\n`, "a=b"), 413],
  ["an unknown transfer coding", post(`${form}Transfer-Encoding: gzip\r\n`, "a=b"), 411],
  ["a form in chunks", post(chunked, "3\r\na=b\r\n0\r\n\r\n"), 411],
  ["33 fields", post(`${form}Content-Length: 131\r\n`, `${"a=b&".repeat(32)}a=b`), 413],
  ["a URL of another scheme", get("ftp://x/y"), 400],
  ["invalid percent-encoding", get("/articles/%zz"), 400],
  ["percent-encoding that is not UTF-8", get("/topics/%ff%fe"), 400],
  ["a path traversal", get("/../../../../etc/passwd"), 404],
  ["a percent-encoded path traversal", get("/images/%2e%2e%2f%2e%2e%2fpackage.json"), 404],
  ["a percent-encoded NUL", get("/images/a%00.png"), 404],
  ["a file name of 5,000 characters", get(`/images/${x(5_000)}.png`), 404],
  ["an infinite page number", get("/articles?page=1e999"), 404],
  ["GET *", get("*"), 400],
  ["a host that cannot be read", get("http://[::1"), 400],
  ["OPTIONS *", get("*", host, "1.1", "OPTIONS"), 400],
  ["OPTIONS", get("/contact", host, "1.1", "OPTIONS"), 405],
  ["TRACE", get(cached, host, "1.1", "TRACE"), 405],
  ["PURGE of a cached page", get(cached, host, "1.1", "PURGE"), 405],
  ["no Content-Type", post(host + short, "a=b"), 415],
  ["two Content-Types", post(`${form}Content-Type: text/plain\r\n${short}`, "a=b"), 415],
  ["two Origins", post(`${form}Origin: http://localhost\r\nOrigin: null\r\n${short}`, "a=b"), 403],
];

const isAlive = async () => (await sendRaw(site.server, get("/livez"))).statuses[0] === 200;

test.each(refusedByNode)("Node refuses %s with a status line", async (_what, bytes, status) => {
  const { statuses, text: answer } = await sendRaw(site.server, bytes);
  expect(statuses).toEqual([status]); // one response: what was smuggled behind it is not read as a request
  expect(answer).not.toMatch(/^content-type:/im);
  expect(await isAlive()).toBe(true);
});

test.each(refusedByTheSite)("the site refuses %s", async (_what, bytes, status) => {
  const { statuses, text: answer } = await sendRaw(site.server, bytes);
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
  ["a URL with scheme and host", get(`http://evil.example${cached}`)],
  ["a feed's URL with scheme and host", get("http://evil.example/feed.atom")],
  ["invalid Accept headers", get(cached, host + invalid)],
  ["an odd query", get("/search?__proto__=1&q[a]=b&q=%zz")],
  ["forged X-Forwarded headers", get(cached, host + forged)],
])("%s is harmless", async (_what, bytes) => {
  const { statuses, text } = await sendRaw(site.server, bytes);
  expect([statuses, text.includes("evil")]).toEqual([[200], false]);
});

test("unknown addresses are logged at debug, refused posts at warn", async () => {
  const levelsOf = async (bytes: string) => {
    const before = site.logged.length;
    await sendRaw(site.server, bytes);
    return site.logged.slice(before).flatMap(({ msg, level }) => (msg === "request" ? [] : level));
  };
  for (const target of ["/none", "/contact/received?ref=CS-0000-0000", `/staff/${"0".repeat(32)}`])
    expect(await levelsOf(get(target))).not.toContain("warn");
  expect(await levelsOf(post(`${form}Origin: null\r\n${short}`, "a=b"))).toEqual(["warn"]);
});

test("an idle connection outlives nginx's minute, without a proxy 5 s", async () => {
  const keepAliveOf = async ({ server }: Pick<typeof site, "server">) =>
    (await request(server).get("/livez").set("Connection", "keep-alive")).headers["keep-alive"];
  expect(await keepAliveOf(site)).toBe("timeout=5");
  await using proxied = await buildTestSite({ env: { TRUST_PROXY: "1" } });
  expect(await keepAliveOf(proxied)).toBe("timeout=75");
});
