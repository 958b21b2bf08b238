// Stored responses: equal to rendered ones in every header and byte, in the coding that the client
// accepts, and never stale.

import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import express from "express";
import request from "supertest";
import { createPageCache, queryOf, type Content } from "../../src/web/page-cache.ts";
import { articleFile, buildSiteOf, reload } from "../support/articles.ts";
import { listen } from "../support/listen.ts";
import { sendRaw } from "../support/raw.ts";
import { sent } from "../support/sent.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
let origin: string;
beforeAll(async () => {
  site = await buildTestSite();
  origin = await listen(site.server);
});
afterAll(() => site.close());

const page = "/articles/builder-pattern-in-java";
const get = (address: string) => request(site.server).get(address);
/** Whether Express runs for this address: it logs each request. */
async function isRendered(address: string): Promise<boolean> {
  const before = site.logged.length;
  expect((await get(address)).status).toBe(200);
  return site.logged.length > before;
}

test("a stored response has the same headers and body as the first one", async () => {
  const addresses = "/ /articles /privacy /feed.atom /sitemap.xml /robots.txt /favicon.ico".split(
    " ",
  );
  for (const address of addresses) {
    const first = await get(address);
    const second = await get(address);
    const { date: _first, ...rendered } = first.headers as Record<string, string>;
    const { date: _second, ...stored } = second.headers as Record<string, string>;
    expect([address, stored]).toEqual([address, rendered]);
    expect(stored).toMatchObject({ etag: expect.any(String), "x-frame-options": "DENY" });
    expect(second.text === first.text).toBe(true);
  }
});

test("pages, fonts and feeds are served without Express once they are stored, with any query", async () => {
  const [font = ""] = /\/assets\/fonts\/[^"]+/.exec((await get("/")).text) ?? [];
  for (const address of ["/", font, "/favicon.ico", page, "/feed.atom", "/articles?page=1"])
    await get(address);
  for (const address of ["/", font, "/favicon.ico", page, `${page}?utm_source=x`, "/feed.atom?1"])
    expect([address, await isRendered(address)]).toEqual([address, false]);
});

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br ; q=0.000 , GZIP", "gzip"],
  ["br;q=0.1", "br"],
  ["gzip;q=0", undefined],
  ["identity", undefined],
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

test("each coding has an ETag of its own, for which the response is a 304 without a body", async () => {
  const codings = ["br", "gzip", "identity"];
  const tagOf = async (accepted: string) =>
    (await sent(origin + page, { "Accept-Encoding": accepted })).headers["etag"] ?? "";
  const tags = await Promise.all(codings.map(tagOf));
  expect(new Set(tags).size).toBe(3);
  for (const [index, accepted] of codings.entries()) {
    const askFor = (tag = "") =>
      sent(origin + page, { "Accept-Encoding": accepted, "If-None-Match": tag });
    const known = await askFor(`"other", W/${tags[index]}`);
    expect([known.status, known.body.length, known.headers["etag"]]).toEqual([304, 0, tags[index]]);
    expect(known.headers).not.toHaveProperty("content-length");
    expect((await askFor(tags[(index + 1) % 3])).status).toBe(200);
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

const spaces = " ".repeat(15_000);
test.each([
  ["a path of slashes", `GET ${"/".repeat(15_000)}a HTTP/1.1\r\n`],
  ["slashes at the end", `GET /a${"/".repeat(15_000)} HTTP/1.1\r\n`],
  ["ETags far apart", `GET ${page} HTTP/1.1\r\nIf-None-Match: "a"${spaces}"b"\r\n`],
  ["many ETags", `GET ${page} HTTP/1.1\r\nIf-None-Match: ${'"a",'.repeat(3_700)}\r\n`],
  ["codings far apart", `GET ${page} HTTP/1.1\r\nAccept-Encoding: br${spaces};q=0\r\n`],
  ["spaces in Accept", `GET ${page} HTTP/1.1\r\nAccept: a${spaces}b\r\n`],
])("%s take linear time", async (_what, head) => {
  const before = process.cpuUsage();
  for (let count = 0; count < 5; count += 1)
    await sendRaw(site.server, `${head}Host: localhost\r\n\r\n`);
  const { user } = process.cpuUsage(before);
  expect(user / 5).toBeLessThan(50_000); // µs for each request: quadratic time is 100,000
});

/** A site of one handler, which reads the query at /articles. Bodies contain the number of calls. */
async function siteWithCache(content: Partial<Content> = { maxAge: 300 }) {
  const state = {
    now: tuesday,
    version: 1,
    nextPublishing: undefined as Date | undefined,
    calls: 0,
    whileRendering: () => {},
  };
  const library = { version: () => state.version, nextPublishing: () => state.nextPublishing };
  const cache = createPageCache({ library, clock: () => state.now, isEnabled: true });
  const app = express();
  app.use(cache.begin);
  app.use((asked, response) => {
    state.calls += 1;
    state.whileRendering();
    if (asked.path === "/articles") queryOf(asked);
    const body = `call ${state.calls} ${"x".repeat(600)}`;
    cache.send(response, { body, type: "html", ...content });
  });
  const server = createServer((asked, response) => {
    if (!cache.serve(asked, response)) app(asked, response);
  });
  const ask = (address = "/a", init: RequestInit = {}) => fetch(where + address, init);
  const where = await listen(server);
  return {
    state,
    server,
    ask,
  };
}

describe("the page cache", () => {
  let one: Awaited<ReturnType<typeof siteWithCache>>;
  afterEach(() => {
    one.server.closeAllConnections();
    one.server.close();
  });

  test.each<[what: string, content: Partial<Content>, address: string, init: RequestInit]>([
    ["a failure", { status: 500, maxAge: 300 }, "/a", {}],
    ["a page that does not exist", { status: 404, maxAge: 300 }, "/a", {}],
    ["a response without maxAge", {}, "/a", {}],
    ["a percent-encoded URL", { maxAge: 300 }, "/%61", {}],
    ["a URL whose query was read", { maxAge: 300 }, "/articles?page=2&q=words", {}],
    ["a response to a post", { maxAge: 300 }, "/a", { method: "POST" }],
  ])("does not store %s", async (_what, content, address, init) => {
    one = await siteWithCache(content);
    await one.ask(address, init);
    await one.ask(address, init);
    expect(one.state.calls).toBe(2);
  });

  test("stores each page of a list", async () => {
    one = await siteWithCache();
    for (const query of ["", "?page=2", "", "?page=2"]) await one.ask(`/articles${query}`);
    expect(one.state.calls).toBe(2);
  });

  test("does not store a page for a version of the library that came while it was rendered", async () => {
    one = await siteWithCache();
    one.state.whileRendering = () => (one.state.version = 2);
    await one.ask();
    await one.ask();
    expect(one.state.calls).toBe(2);
  });

  test("renders a page again at the end of the day", async () => {
    one = await siteWithCache();
    const calls: number[] = [];
    for (const time of [
      "2026-11-24T13:33:00Z",
      "2026-11-24T23:59:59.999Z",
      "2026-11-25T00:00:00Z",
    ]) {
      one.state.now = new Date(time);
      await one.ask();
      calls.push(one.state.calls);
    }
    expect(calls).toEqual([1, 1, 2]);
  });

  test("does not serve a page whose max-age would last beyond the next publishing", async () => {
    one = await siteWithCache();
    one.state.nextPublishing = new Date("2026-11-24T14:00:00Z");
    const caching: (string | null)[] = [];
    for (const time of ["09:00:00", "13:55:00", "13:59:50.5", "13:59:59.5"]) {
      one.state.now = new Date(`2026-11-24T${time}Z`);
      caching.push((await one.ask()).headers.get("cache-control"));
    }
    expect(caching).toEqual([300, 300, 9, 0].map((seconds) => `public, max-age=${seconds}`));
  });
});

test("saving an article changes its page and the feed", async () => {
  const saved = (words: string) => articleFile({ title: "One", topics: "[Java]" }, `${words}\n`);
  const own = await buildSiteOf({ "one.md": saved("Before.") });
  const addresses = ["/articles/one", "/articles/one.md", "/feed.atom"];
  const textOf = async (address: string) => (await request(own.server).get(address)).text;
  for (const address of addresses) expect(await textOf(address)).toContain("Before.");
  await writeFile(path.join(own.articlesDir, "one.md"), saved("After."));
  reload(own.library);
  for (const address of addresses) expect(await textOf(address)).toContain("After.");
  await own.close();
});
