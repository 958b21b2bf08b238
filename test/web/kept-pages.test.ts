// Pages as kept bytes: the same as rendered ones in every header and byte, in the coding the client likes best, and never out of date.

import { EventEmitter, once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import request from "supertest";
import { openLibrary } from "../../src/articles/library.ts";
import { keepPages } from "../../src/web/kept-pages.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { listen } from "../support/browser.ts";
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

test("a page is the same the first time and from then on, header by header", async () => {
  const own = await buildTestSite();
  for (const address of [...(await publicAddresses(site)), "/feed.atom", "/feed.json", "/sitemap.xml", "/robots.txt", "/llms.txt"]) {
    const first = await request(own.server).get(address);
    const second = await request(own.server).get(address);
    const { date: _first, ...rendered } = first.headers as Record<string, string>;
    const { date: _second, ...kept } = second.headers as Record<string, string>;
    expect([address, kept, second.text]).toEqual([address, rendered, first.text]);
    expect(Object.keys(kept)).toEqual(expect.arrayContaining(["content-security-policy", "x-content-type-options", "etag"]));
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
  const decode = { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ""] ?? ((bytes: Buffer) => bytes);
  expect(decode(body).toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
});

test("every coding decodes to the same, under a tag of its own, and is known again by it", async () => {
  const answers = await Promise.all(["br", "gzip", "identity"].map((accepted) => sent(origin + page, { "Accept-Encoding": accepted })));
  const tags = answers.map(({ headers }) => headers["etag"] ?? "");
  expect(new Set(tags).size).toBe(3);
  for (const [index, accepted] of ["br", "gzip", "identity"].entries()) {
    const known = await sent(origin + page, { "Accept-Encoding": accepted, "If-None-Match": `"other", W/${tags[index]}` });
    expect([known.status, known.body.length, known.headers["etag"], known.headers["vary"]]).toEqual([
      304,
      0,
      tags[index],
      "Accept, Accept-Encoding",
    ]);
    expect(known.headers).not.toHaveProperty("content-length"); // load generators wait for so much, and it was another coding's
    expect(known.headers["content-security-policy"]).toBe(answers[0]?.headers["content-security-policy"]);
    const other = await sent(origin + page, { "Accept-Encoding": accepted, "If-None-Match": tags[(index + 1) % 3] ?? "" });
    expect(other.status).toBe(200);
  }
});

test("HEAD says what GET would send, also where it comes first", async () => {
  const fresh = await buildTestSite();
  for (const address of [page, page, "/articles", `${page}?from=a-mail`]) {
    const head = await request(fresh.server).head(address).set("Accept-Encoding", "gzip");
    const get = await request(fresh.server).get(address).set("Accept-Encoding", "gzip");
    for (const name of ["etag", "vary", "content-length"]) expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
    expect([head.status, head.text, head.headers["content-encoding"]]).toEqual([200, undefined, "gzip"]);
  }
  await fresh.close();
});

describe("what is kept", () => {
  type Wait = (response: ServerResponse) => Promise<unknown>;
  /** Counts how often the app is asked, and answers as it is told, once `wait` lets it. */
  async function counting(
    headers: Record<string, string>,
    freshness: [number, number] | undefined,
    status = 200,
    length = 600,
    wait: Wait = nextTurn,
  ) {
    const library = await openLibrary("articles");
    const making = freshness && { freshness, libraryVersion: library.version(), sources: undefined, made: [] };
    const clock = { now: tuesday };
    let renderings = 0;
    const app = keepPages(
      (_request, response) => {
        renderings += 1;
        Object.assign(response, { locals: { making } });
        response.statusCode = status;
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        void wait(response).then(() => response.end(`rendering ${renderings} ${"x".repeat(length)}`));
      },
      library,
      () => clock.now,
    );
    const server = createServer(app);
    const origin = await listen(server);
    const get = async (address: string, init: RequestInit = {}) => (await fetch(origin + address, init)).text();
    return { get, origin, clock, count: () => renderings, close: () => server.close() };
  }
  const png = { "Content-Type": "image/png" };
  const html = { "Content-Type": "text/html; charset=utf-8" };

  test("is rendered once, however many ask for it at the same time", async () => {
    const { get, count, close } = await counting(html, [300, 0]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/a")));
    expect([count(), new Set(answers).size]).toEqual([1, 1]);
    await get("/articles?page=2");
    await get("/articles?page=2");
    expect(count()).toBe(2);
    close();
  });

  test.each([
    ["a failure", 500, [300, 0] as [number, number], "/a", {}],
    ["a page that is not there", 404, [300, 0] as [number, number], "/a", {}],
    ["what caches may not keep", 200, undefined, "/a", {}],
    ["an answer to a query", 200, [300, 0] as [number, number], "/a?q=words", {}],
    ["the number of a page where there is none", 200, [300, 0] as [number, number], "/a?page=2", {}],
    ["another spelling of an address", 200, [300, 0] as [number, number], "/%61", {}],
    ["an answer to a query and a page", 200, [300, 0] as [number, number], "/a?page=2&q=words", {}],
    ["an answer to a form", 200, [300, 0] as [number, number], "/a", { method: "POST" }],
    ["a page asked for as Markdown", 200, [300, 0] as [number, number], "/a", { headers: { Accept: "Text/Markdown" } }],
  ])("is never %s", async (_what, status, freshness, address, init) => {
    const { get, count, close } = await counting(html, freshness, status);
    const answers = [await get(address, init), await get(address, init)];
    expect([count(), new Set(answers).size]).toEqual([2, 2]);
    close();
  });

  test("what fails after it was called public is not public, nor is it known by a tag", async () => {
    const { origin, close } = await counting({ ...html, "Cache-Control": "no-store", ETag: '"tag"' }, [300, 600], 500);
    const { status, headers } = await fetch(`${origin}/a`, { headers: { "If-None-Match": '*, "tag"' } });
    expect([status, headers.get("cache-control")]).toEqual([500, "no-store"]);
    close();
  });

  test("who does not read an answer keeps nobody waiting for the same one", async () => {
    const { get, origin, close } = await counting(png, undefined, 200, 20_000_000);
    const idle = connect(Number(new URL(origin).port), "127.0.0.1").pause();
    idle.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "readable");
    const other = await get("/large", { signal: AbortSignal.timeout(5_000) });
    expect(other.length).toBeGreaterThan(20_000_000);
    idle.destroy();
    close();
  });

  test("who leaves while a page is made takes no room for it twice", async () => {
    const app = new EventEmitter();
    const goOn = Promise.withResolvers<void>();
    const wait: Wait = (response) => (app.emit("asked", response), goOn.promise);
    const { get, count, close } = await counting(png, [300, 0], 200, 30_000_000, wait);
    const leave = new AbortController();
    const left = expect(get("/large", { signal: leave.signal })).rejects.toThrow("aborted");
    const [response] = (await once(app, "asked")) as [ServerResponse];
    leave.abort();
    await Promise.all([left, once(response, "close")]);
    const staying = get("/large");
    await once(app, "asked");
    goOn.resolve();
    await staying;
    await get("/large");
    expect(count()).toBe(2);
    close();
  });

  test("what was made first goes first where there is no more room", async () => {
    const { get, count, close } = await counting(png, [300, 0], 200, 20_000_000);
    for (const address of ["/a", "/b", "/a", "/c", "/c", "/b"]) await get(address);
    expect(count()).toBe(3);
    await get("/a");
    expect(count()).toBe(4);
    close();
  });

  test("with a clock is made anew at the full minute, and everything else at the end of the day", async () => {
    const clocked = await counting(html, [30, 0]);
    const plain = await counting(html, [300, 0]);
    const times = ["13:33:00", "13:33:59", "13:34:00", "23:59:59"].map((time) => new Date(`2026-11-24T${time}Z`));
    for (const at of [...times, new Date("2026-11-25T00:00:00Z")]) {
      clocked.clock.now = plain.clock.now = at;
      await clocked.get("/a");
      await plain.get("/a");
    }
    expect([clocked.count(), plain.count()]).toEqual([4, 2]);
    clocked.close();
    plain.close();
  });
});

describe("saving an article", () => {
  const body = "Hello.\n\n## Backpressure\n\nMore.\n";
  const part = (title: string, part: number) => articleFile({ title, topics: "[Java]", series: `{ name: Waiting, part: ${part} }` }, body);
  const lone = (day: number) => articleFile({ title: `Lone ${day}`, topics: "[Teams]", date: `2026-10-${day}` });
  const files = {
    "one.md": part("One", 1),
    "two.md": part("Two", 2),
    ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`lone-${index}.md`, lone((index % 20) + 10)])),
  };
  const addresses = [
    "/ /how-we-work /articles /articles?page=2 /topics/java /topics/teams /authors/someone /robots.txt",
    "/feed.atom /topics/java/feed.atom /topics/teams/feed.atom /sitemap.xml",
    "/articles/one /articles/two /articles/lone-1 /articles/one.md /articles/two.md /og/one.png /og/two.png",
  ].flatMap((line) => line.split(" "));

  /** The addresses whose pages were made anew after `change`. */
  async function renewedBy(change: (living: Awaited<ReturnType<typeof buildSiteOf>>) => Promise<unknown>): Promise<string[]> {
    const living = await buildSiteOf(files);
    const isMade = async (address: string) => {
      const before = living.logged.length;
      expect([address, (await request(living.server).get(address)).status]).toEqual([address, 200]);
      return living.logged.length > before; // kept pages never get as far as the log
    };
    for (const address of addresses) await isMade(address);
    await change(living);
    const made: string[] = [];
    for (const address of addresses) if (await isMade(address)) made.push(address);
    await living.close();
    return made;
  }

  test("renews what shows it, and nothing else", async () => {
    const renewed = await renewedBy(async ({ articlesDir, library }) => {
      await writeFile(path.join(articlesDir, "one.md"), part("One", 1).replace("More.", "Less."));
      expect((await library.refresh(["one.md"])).changed).toBe(true);
    });
    expect(renewed.join(" ")).toBe(
      "/ /articles /topics/java /authors/someone /feed.atom /topics/java/feed.atom /sitemap.xml " +
        "/articles/one /articles/two /articles/one.md /og/one.png",
    );
  });

  test("and looking again at what is the same renews nothing", async () => {
    expect(await renewedBy(({ library }) => library.refresh())).toEqual([]);
  });

  test("an instant of publishing renews what shows the new article", async () => {
    const renewed = await renewedBy(async ({ articlesDir, library, clock }) => {
      await writeFile(path.join(articlesDir, "new.md"), articleFile({ title: "Other", topics: "[Java]", date: "2026-11-24T13:33:01Z" }));
      await library.refresh();
      clock.now = new Date("2026-11-24T13:33:01Z");
    });
    expect(renewed).not.toContain("/og/one.png");
    expect(renewed).not.toContain("/topics/teams/feed.atom");
    expect(renewed).toEqual(expect.arrayContaining(["/", "/articles", "/articles?page=2", "/topics/java", "/feed.atom", "/sitemap.xml"]));
  });

  test("one that is scheduled shortens for how long caches may keep pages that stay", async () => {
    const living = await buildSiteOf(files);
    const caching = async () => (await request(living.server).get("/articles/lone-1")).headers["cache-control"];
    expect(await caching()).toBe("public, max-age=300, stale-while-revalidate=600");
    await writeFile(path.join(living.articlesDir, "new.md"), articleFile({ title: "Other", date: "2026-11-24T13:33:09Z" }));
    await living.library.refresh();
    expect(await caching()).toBe("public, max-age=9");
    await rm(path.join(living.articlesDir, "new.md"));
    await living.library.refresh();
    expect(await caching()).toBe("public, max-age=300, stale-while-revalidate=600");
    await living.close();
  });

  test("while its page is being made does not keep the old one", async () => {
    const living = await buildSiteOf(files);
    const asked = request(living.server)
      .get("/articles/one")
      .then(({ status }) => status);
    await writeFile(path.join(living.articlesDir, "one.md"), part("One", 1).replace("More.", "Less."));
    await Promise.all([asked, living.library.refresh(["one.md"])]);
    expect((await request(living.server).get("/articles/one")).text).toContain("Less.");
    await living.close();
  });
});
