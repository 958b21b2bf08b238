// The page cache: cached responses equal rendered ones in every header and byte, use the coding that the client prefers, and are never stale.

import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import express from "express";
import request from "supertest";
import { createPageCache, type Content } from "../../src/web/page-cache.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { listen } from "../support/listen.ts";
import { sent } from "../support/sent.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { publicAddresses } from "../support/visits.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
let origin: string;
beforeAll(async () => {
  site = await buildTestSite();
  origin = await listen(site.server);
});
afterAll(async () => {
  site.server.closeAllConnections();
  site.server.close();
  await site.close();
});

const page = "/articles/builder-pattern-in-java";

test("a cached response has the same headers and body as the first one", async () => {
  const own = await buildTestSite();
  for (const address of [
    ...(await publicAddresses(site)),
    "/feed.atom",
    "/sitemap.xml",
    "/robots.txt",
    "/llms.txt",
  ]) {
    const first = await request(own.server).get(address);
    const second = await request(own.server).get(address);
    const { date: _first, ...rendered } = first.headers as Record<string, string>;
    const { date: _second, ...cached } = second.headers as Record<string, string>;
    expect([address, cached, second.text]).toEqual([address, rendered, first.text]);
    expect(Object.keys(cached)).toEqual(
      expect.arrayContaining(["content-security-policy", "x-content-type-options", "etag"]),
    );
  }
  await own.close();
});

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0.5, gzip;q=0.9", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["*", "br"],
  ["*;q=0", undefined],
  ["identity", undefined],
  ["gzip;q=0.2, identity;q=0.8", undefined],
  ["", undefined],
  ["BR", "br"],
  ["nonsense;q=x", undefined],
])("Accept-Encoding %j gets %s", async (accepted, coding) => {
  const { headers, body } = await sent(origin + page, { "Accept-Encoding": accepted });
  expect(headers["content-encoding"]).toBe(coding);
  expect(Number(headers["content-length"])).toBe(body.length);
  const decode =
    { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ""] ?? ((bytes: Buffer) => bytes);
  expect(decode(body).toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
});

test("every coding decodes to the same bytes and has an ETag of its own, which is a 304", async () => {
  const answers = await Promise.all(
    ["br", "gzip", "identity"].map((accepted) =>
      sent(origin + page, { "Accept-Encoding": accepted }),
    ),
  );
  const tags = answers.map(({ headers }) => headers["etag"] ?? "");
  expect(new Set(tags).size).toBe(3);
  for (const [index, accepted] of ["br", "gzip", "identity"].entries()) {
    const known = await sent(origin + page, {
      "Accept-Encoding": accepted,
      "If-None-Match": `"other", W/${tags[index]}`,
    });
    expect([known.status, known.body.length, known.headers["etag"], known.headers["vary"]]).toEqual(
      [304, 0, tags[index], "Accept, Accept-Encoding"],
    );
    expect(known.headers).not.toHaveProperty("content-length"); // load generators wait for so much, and it was another coding's
    expect(known.headers["content-security-policy"]).toBe(
      answers[0]?.headers["content-security-policy"],
    );
    const other = await sent(origin + page, {
      "Accept-Encoding": accepted,
      "If-None-Match": tags[(index + 1) % 3] ?? "",
    });
    expect(other.status).toBe(200);
  }
});

test("HEAD has the headers of GET, also as the first request", async () => {
  const fresh = await buildTestSite();
  for (const address of [page, page, "/articles", `${page}?from=a-mail`]) {
    const head = await request(fresh.server).head(address).set("Accept-Encoding", "gzip");
    const get = await request(fresh.server).get(address).set("Accept-Encoding", "gzip");
    for (const name of ["etag", "vary", "content-length"])
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
    expect([head.status, head.text, head.headers["content-encoding"]]).toEqual([
      200,
      undefined,
      "gzip",
    ]);
  }
  await fresh.close();
});

/** A site of one handler behind a page cache. It counts how often the handler runs, and each body says which run made it. */
async function siteWithCache(
  answer: Partial<Content> = { maxAge: 300 },
  { isEnabled = true, whileRendering = async () => {} } = {},
) {
  const state = {
    now: tuesday,
    version: 1,
    nextPublishing: undefined as Date | undefined,
    renderings: 0,
  };
  const library = { version: () => state.version, nextPublishing: () => state.nextPublishing };
  const cache = createPageCache({ library, now: () => state.now, isEnabled });
  const app = express();
  app.use(cache.recordVersion);
  app.use(async (_request, response) => {
    state.renderings += 1;
    const body = `rendering ${state.renderings} ${"x".repeat(600)}`;
    await whileRendering();
    cache.publish(response, { body, type: "html", ...answer });
  });
  const server = createServer((asked, response) => {
    if (!cache.serve(asked, response)) app(asked, response);
  });
  const origin = await listen(server);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    state,
    server,
    origin,
    close,
    get: (address: string, init: RequestInit = {}) => fetch(origin + address, init),
  };
}

describe("the page cache", () => {
  let one: Awaited<ReturnType<typeof siteWithCache>>;
  afterEach(() => one.close());

  test.each(["/a", "/", "/articles?page=2", "/topics/java?page=2", "/authors/someone?page=2"])(
    "stores %s",
    async (address) => {
      one = await siteWithCache();
      await one.get(address);
      await one.get(address);
      expect(one.state.renderings).toBe(1);
    },
  );

  test.each<[what: string, answer: Partial<Content>, address: string, init: RequestInit]>([
    ["a failure", { status: 500, maxAge: 300 }, "/a", {}],
    ["a page that does not exist", { status: 404, maxAge: 300 }, "/a", {}],
    ["a response without maxAge", {}, "/a", {}],
    ["a URL with a query", { maxAge: 300 }, "/a?q=words", {}],
    ["a page number where there are no pages", { maxAge: 300 }, "/a?page=2", {}],
    ["a percent-encoded URL", { maxAge: 300 }, "/%61", {}],
    ["a query besides the page number", { maxAge: 300 }, "/articles?page=2&q=words", {}],
    ["a URL of more than 300 characters", { maxAge: 300 }, `/${"a".repeat(300)}`, {}],
    ["a response to a post", { maxAge: 300 }, "/a", { method: "POST" }],
    [
      "a response to a request that accepts Markdown",
      { maxAge: 300 },
      "/a",
      { headers: { Accept: "Text/Markdown" } },
    ],
  ])("does not store %s", async (_what, answer, address, init) => {
    one = await siteWithCache(answer);
    await one.get(address, init);
    await one.get(address, init);
    expect(one.state.renderings).toBe(2);
  });

  test("does not serve a stored page to a request that accepts Markdown", async () => {
    one = await siteWithCache();
    await one.get("/a");
    await one.get("/a", { headers: { Accept: "text/markdown" } });
    expect(one.state.renderings).toBe(2);
  });

  test("does not serve a stored page in response to a post", async () => {
    one = await siteWithCache();
    await one.get("/a");
    await one.get("/a", { method: "POST" });
    expect(one.state.renderings).toBe(2);
  });

  test("stores nothing in development, where the response is no-store", async () => {
    one = await siteWithCache({ maxAge: 300 }, { isEnabled: false });
    const { headers } = await one.get("/a");
    await one.get("/a");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(one.state.renderings).toBe(2);
  });

  test("gives a failure no ETag and no public Cache-Control", async () => {
    one = await siteWithCache({ status: 500 });
    const { status, headers } = await one.get("/a", { headers: { "If-None-Match": "*" } });
    expect(status).toBe(500);
    expect(headers.get("etag")).toBeNull();
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("renders a page again when the library has changed", async () => {
    one = await siteWithCache();
    await one.get("/a");
    one.state.version += 1;
    expect(await (await one.get("/a")).text()).toMatch(/^rendering 2 /);
    await one.get("/a");
    expect(one.state.renderings).toBe(2);
  });

  test("does not store a page for a version of the library that came while it was rendered", async () => {
    one = await siteWithCache(
      { maxAge: 300 },
      {
        whileRendering: async () => void (one.state.version += one.state.renderings === 1 ? 1 : 0),
      },
    );
    await one.get("/a");
    await one.get("/a");
    expect(one.state.renderings).toBe(2);
  });

  const renderedAt = async (times: string[]) => {
    const renderings: number[] = [];
    for (const time of times) {
      one.state.now = new Date(time);
      await one.get("/a");
      renderings.push(one.state.renderings);
    }
    return renderings;
  };

  test("renders a page with a clock again at the full minute", async () => {
    one = await siteWithCache({ maxAge: 30 });
    const times = ["2026-11-24T13:33:00Z", "2026-11-24T13:33:59.999Z", "2026-11-24T13:34:00Z"];
    expect(await renderedAt(times)).toEqual([1, 1, 2]);
  });

  test("renders any other page again at the end of the day", async () => {
    one = await siteWithCache({ maxAge: 300 });
    const times = ["2026-11-24T13:33:00Z", "2026-11-24T23:59:59.999Z", "2026-11-25T00:00:00Z"];
    expect(await renderedAt(times)).toEqual([1, 1, 2]);
  });

  test("renders a page again when the clock moved backwards", async () => {
    one = await siteWithCache({ maxAge: 300 });
    expect(await renderedAt(["2026-11-24T13:33:00Z", "2026-11-24T13:32:59Z"])).toEqual([1, 2]);
  });

  test("renders a page again at the instant of the next publishing", async () => {
    one = await siteWithCache({ maxAge: 300 });
    one.state.nextPublishing = new Date("2026-11-24T14:00:00Z");
    expect(
      await renderedAt([
        "2026-11-24T13:59:59.500Z",
        "2026-11-24T13:59:59.999Z",
        "2026-11-24T14:00:00Z",
      ]),
    ).toEqual([1, 1, 2]);
  });

  test("serves a permanent response on any day and for any version", async () => {
    one = await siteWithCache({
      cacheControl: "public, max-age=31536000, immutable",
      permanent: true,
    });
    await one.get("/a");
    one.state.version += 1;
    one.state.now = new Date("2020-01-01T00:00:00Z");
    const { headers } = await one.get("/a");
    expect(one.state.renderings).toBe(1);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  test.each([
    ["long before", "2026-11-24T10:00:00Z", "public, max-age=300, stale-while-revalidate=600"],
    [
      "as long before as caches may use the page",
      "2026-11-24T13:45:00Z",
      "public, max-age=300, stale-while-revalidate=600",
    ],
    [
      "a moment later",
      "2026-11-24T13:45:00.001Z",
      "public, max-age=300, stale-while-revalidate=599",
    ],
    ["5 minutes before", "2026-11-24T13:55:00Z", "public, max-age=300"],
    ["9.5 s before", "2026-11-24T13:59:50.500Z", "public, max-age=9"],
    ["half a second before", "2026-11-24T13:59:59.500Z", "public, max-age=0"],
  ])("no cache shows a page beyond the next publishing: %s", async (_when, time, cacheControl) => {
    one = await siteWithCache({ maxAge: 300, staleSeconds: 600 });
    one.state.nextPublishing = new Date("2026-11-24T14:00:00Z");
    one.state.now = new Date("2026-11-24T09:00:00Z");
    await one.get("/a");
    one.state.now = new Date(time);
    expect((await one.get("/a")).headers.get("cache-control")).toBe(cacheControl);
    expect((await one.get("/a")).headers.get("cache-control")).toBe(cacheControl);
  });

  test("removes the oldest entry when its budget of 64 MB is used", async () => {
    one = await siteWithCache({ body: "x".repeat(20_000_000), type: "png", maxAge: 300 });
    for (const address of ["/a", "/b", "/a", "/c", "/c", "/b"]) await one.get(address);
    expect(one.state.renderings).toBe(3);
    await one.get("/a");
    expect(one.state.renderings).toBe(4);
  });

  test("a client that does not read its response does not delay others who request the same page", async () => {
    one = await siteWithCache({ body: "x".repeat(20_000_000), type: "png", maxAge: 300 });
    const idle = connect(Number(new URL(one.origin).port), "127.0.0.1").pause();
    idle.write("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "readable");
    const other = await (await one.get("/a", { signal: AbortSignal.timeout(5_000) })).text();
    expect(other.length).toBe(20_000_000);
    idle.destroy();
  });
});

test("fonts, images and pages are written before Express runs once they are stored", async () => {
  const html = (await request(site.server).get("/")).text;
  const [asset = ""] = /\/assets\/fonts\/[^"]+/.exec(html) ?? [];
  for (const address of ["/", asset, "/favicon.ico", page]) {
    await request(site.server).get(address);
    const before = site.logged.length;
    expect((await request(site.server).get(address)).status).toBe(200);
    expect(site.logged.length).toBe(before); // Express logs each request
  }
});

describe("saving an article", () => {
  const saved = (words: string) => articleFile({ title: "One", topics: "[Java]" }, `${words}\n`);
  let living: Awaited<ReturnType<typeof buildSiteOf>>;
  beforeEach(async () => {
    living = await buildSiteOf({
      "one.md": saved("Before."),
      "two.md": articleFile({ title: "Two" }),
    });
  });
  afterEach(() => living.close());
  const textOf = async (address: string) => (await request(living.server).get(address)).text;

  test.each(["/articles/one", "/articles/one.md", "/feed.atom"])(
    "changes %s at once",
    async (address) => {
      expect(await textOf(address)).toContain("Before.");
      await writeFile(path.join(living.articlesDir, "one.md"), saved("After."));
      await living.library.refresh();
      expect(await textOf(address)).toContain("After.");
    },
  );

  test("while its page is rendered does not leave the old page in the cache", async () => {
    const first = request(living.server)
      .get("/articles/one")
      .then(({ status }) => status);
    await writeFile(path.join(living.articlesDir, "one.md"), saved("After."));
    await Promise.all([first, living.library.refresh()]);
    expect(await textOf("/articles/one")).toContain("After.");
  });

  test("that is scheduled shortens the time for which caches may use other pages", async () => {
    const cacheControl = async () =>
      (await request(living.server).get("/articles/two")).headers["cache-control"];
    expect(await cacheControl()).toBe("public, max-age=300, stale-while-revalidate=600");
    await writeFile(
      path.join(living.articlesDir, "new.md"),
      articleFile({ title: "Other", date: "2026-11-24T13:33:09Z" }),
    );
    await living.library.refresh();
    expect(await cacheControl()).toBe("public, max-age=9");
    await rm(path.join(living.articlesDir, "new.md"));
    await living.library.refresh();
    await living.library.refresh(); // a file counts as deleted when it is missed twice
    expect(await cacheControl()).toBe("public, max-age=300, stale-while-revalidate=600");
  });

  test("that is scheduled adds it to the lists at its instant", async () => {
    await writeFile(
      path.join(living.articlesDir, "new.md"),
      articleFile({ title: "Other", date: "2026-11-24T13:33:01Z" }),
    );
    await living.library.refresh();
    expect(await textOf("/articles")).not.toContain("/articles/new");
    living.clock.now = new Date("2026-11-24T13:33:01Z");
    expect(await textOf("/articles")).toContain("/articles/new");
  });
});
