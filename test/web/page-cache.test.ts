// Stored responses: equal to rendered ones in every header and byte, in the coding that the client
// accepts, and never stale.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { sendRaw } from "../support/raw.ts";
import { sent } from "../support/sent.ts";
import { buildTestSite } from "../support/site.ts";

const site = await buildTestSite();
const { origin } = site;

const page = "/articles/builder-pattern-in-java";
const { get } = site;
/** How often Express runs: it logs each request. */
const rendered = () => site.logged.length;

test("a stored response is the first one, byte for byte, without Express", async () => {
  const [font = ""] = /\/assets\/fonts\/[^"]+/.exec((await get("/")).text) ?? [];
  const addresses = "/ /articles /feed.atom /robots.txt /favicon.ico /apple-touch-icon.png".split(
    " ",
  );
  for (const address of [...addresses, page, font]) {
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
    const ask = () => sendRaw(site.server, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await ask()).statuses).toEqual([200]);
    const before = rendered();
    await ask();
    expect(rendered()).toBe(before + 1);
  },
);

test.each(["/feed.atom", "/topics/java/feed.atom", "/og/builder-pattern-in-java.png"])(
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
  ["nonsense;q=x", undefined],
])("Accept-Encoding %j gets %s", async (accepted, coding) => {
  const { headers, body } = await sent(origin + page, { "Accept-Encoding": accepted });
  expect(headers["content-encoding"]).toBe(coding);
  expect(headers["vary"]).toBe("Accept-Encoding");
  expect(Number(headers["content-length"])).toBe(body.length);
  const decode =
    { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ""] ?? ((bytes: Buffer) => bytes);
  expect(decode(body).toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
});

test("a known ETag, the same in each coding, is a 304 without a body", async () => {
  const { etag = "" } = (await sent(origin + page, {})).headers;
  for (const accepted of ["br", "gzip", "identity"]) {
    const askFor = (tag: string) =>
      sent(origin + page, { "Accept-Encoding": accepted, "If-None-Match": tag });
    const { status, body, headers } = await askFor(`"other", ${etag}`);
    expect([status, body.length, headers["etag"]]).toEqual([304, 0, etag]);
    expect(headers).not.toHaveProperty("content-length");
    expect((await askFor(`W/"other"`)).status).toBe(200);
  }
});

test("HEAD has the headers of GET, also as the first request", async () => {
  for (const address of [page, "/topics/java", "/search?q=java"]) {
    const head = await request(site.server).head(address).set("Accept-Encoding", "gzip");
    const full = await get(address).set("Accept-Encoding", "gzip");
    for (const name of ["etag", "vary", "content-length", "content-encoding"])
      expect([name, head.headers[name]]).toEqual([name, full.headers[name]]);
    expect([head.status, head.text]).toEqual([200, undefined]);
  }
});

test.each([
  ["a page that does not exist", "/nowhere", 404],
  ["a response without an age", "/livez", 200],
  ["a search", "/search?q=java", 200],
  ["a form with an answer chosen", "/contact?kind=release", 200],
  ["a page with a query that it ignores", `${page}?utm_source=x`, 200],
  ["a percent-encoded URL", "/articles/%62uilder-pattern-in-java", 200],
])("%s is rendered for each request", async (_what, address, status) => {
  const before = rendered();
  for (let time = 1; time <= 2; time += 1) expect((await get(address)).status).toBe(status);
  expect(rendered()).toBe(before + 2);
});

test("a stored page is rendered again when an article is saved, as is the feed", async () => {
  const saved = (words: string) => articleFile({}, `The text is ${words}.\n`);
  const own = await buildSiteOf({ "one.md": saved("before") });
  const addresses = ["/articles/one", "/articles/one.md", "/feed.atom"];
  for (const address of addresses) expect((await own.get(address)).text).toContain("is before.");
  writeFileSync(path.join(own.config.articlesDir, "one.md"), saved("after"));
  own.library.refresh();
  for (const address of addresses) expect((await own.get(address)).text).toContain("is after.");
});
