// The site as a crawler and a link checker see it: URLs, links, titles, headers, and hidden articles.

import { createHash } from "node:crypto";
import request from "supertest";
import {
  attributesOf,
  elementsNamed,
  inlineStyleOf,
  metaOf,
  resourcesOf,
  titleOf,
} from "./support/html.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite } from "./support/site.ts";
import { crawl, publicAddresses, visitAll, type Visit } from "./support/visits.ts";

const siteUrl = "http://clean.localhost:8080";
let site: Awaited<ReturnType<typeof buildTestSite>>;
let visits: Visit[] = [];

beforeAll(async () => {
  site = await buildTestSite({ env: { SITE_URL: siteUrl } });
  visits = await visitAll(site);
});
afterAll(() => site.close());

describe("links", () => {
  let crawled: Awaited<ReturnType<typeof crawl>>;
  beforeAll(async () => {
    crawled = await crawl(site);
  });

  test("lead from the home page to every public page and to fonts, and all of them are 200", async () => {
    const addresses = [...crawled.found.keys()];
    expect(addresses).toEqual(expect.arrayContaining(await publicAddresses(site)));
    expect(addresses.filter((address) => address.endsWith(".woff2")).length).toBeGreaterThanOrEqual(
      2,
    );
    expect(
      [...crawled.found].filter(([, { status }]) => status !== 200).map(([address]) => address),
    ).toEqual([]);
  });

  test("with a fragment point to an existing element", () => {
    const idsOf = new Map(
      [...crawled.found].map(([address, { html }]) => [address, attributesOf(html, "id")]),
    );
    const withFragment = crawled.links.filter(({ to }) => to.hash !== "");
    const broken = withFragment.filter(
      ({ to }) =>
        !idsOf.get(to.pathname + to.search)?.includes(decodeURIComponent(to.hash.slice(1))),
    );
    expect(withFragment.length).toBeGreaterThan(10);
    expect(broken.map(({ from, to }) => `${from} -> ${to.href}`)).toEqual([]);
  });

  test("to other sites need a click: no page loads anything from another origin", () => {
    const pages = [...crawled.found.values(), ...visits];
    const foreign = pages
      .flatMap(({ html }) => resourcesOf(html))
      .filter((address) => !/^\/(?!\/)/.test(address));
    expect(foreign).toEqual([]);
  });
});

describe("search engine metadata", () => {
  let indexable: Visit[];
  beforeAll(() => {
    indexable = visits.filter(
      ({ html, status }) => status === 200 && metaOf(html, "robots") === undefined,
    );
  });

  test("allows indexing of the public pages only", async () => {
    expect(indexable.map(({ name }) => name)).toEqual(await publicAddresses(site));
    const others = visits.filter((visit) => !indexable.includes(visit));
    expect(others.map(({ html }) => metaOf(html, "robots"))).toEqual(others.map(() => "noindex"));
  });

  test("has unique titles", () => {
    const titles = indexable.map(({ html }) => titleOf(html));
    expect(
      titles.filter((title, index) => title === "" || titles.indexOf(title) !== index),
    ).toEqual([]);
  });

  test("has titles of 70 characters at most, unless an article's own is longer", () => {
    const long = visits.filter(({ html }) => titleOf(html).length > 70);
    const headingOf = (html: string) =>
      /<h1>(.*?)<\/h1>/.exec(html)?.[1]?.replaceAll("<wbr>", "").replaceAll("&nbsp;", " ");
    expect(
      long.filter(({ html }) => titleOf(html) !== headingOf(html)).map(({ name }) => name),
    ).toEqual([]);
  });

  test("has unique descriptions of 70 to 160 characters", () => {
    const texts = indexable.map(({ html }) => metaOf(html, "description") ?? "");
    expect(texts.filter((text) => text.length < 70 || text.length > 160)).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("has an absolute canonical URL, built from SITE_URL, on public pages only", () => {
    for (const { name, html } of visits) {
      const canonical = elementsNamed(html, "link").filter(
        ({ attributes }) => attributes["rel"] === "canonical",
      );
      const expected = name.startsWith("/") ? [siteUrl + name] : [];
      expect({ name, canonical: canonical.map(({ attributes }) => attributes["href"]) }).toEqual({
        name,
        canonical: expected,
      });
    }
  });
});

describe("security headers", () => {
  const security =
    /^(content-security|referrer|permissions|cross-origin-.*)-?policy$|^x-content-type-options$|^x-frame-options$/;
  const securityOf = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => security.test(name)));

  test("are the same on pages, errors, assets, redirects, health checks and an accepted form", async () => {
    const { server } = site;
    const font =
      attributesOf(visits[0]?.html ?? "", "href").find((address) => address.endsWith(".woff2")) ??
      "";
    const addresses = [font, "/Privacy/", "/livez", "/readyz", "/assets/none.css"];
    const answers = visits.map(({ name, headers }) => ({ name, headers }));
    for (const name of addresses)
      answers.push({ name, headers: (await request(server).get(name)).headers });
    const sent = await request(server).get(
      `/contact/received?ref=${await postForm(site, { name: "Again" })}`,
    );
    answers.push({ name: "receipt", headers: sent.headers });
    const expected = securityOf(visits[0]?.headers ?? {});
    expect(Object.keys(expected)).toHaveLength(7);
    const forStaff = { ...expected, "referrer-policy": "same-origin" };
    for (const { name, headers } of answers)
      expect({ name, ...securityOf(headers) }).toEqual({
        name,
        ...(name.includes("staff page") ? forStaff : expected),
      });
    expect(
      answers.filter(({ headers }) => "set-cookie" in headers || "x-powered-by" in headers),
    ).toEqual([]);
  });

  test("allow only files of the site and the one style element, by the hash of its text", () => {
    const policy = visits[0]?.headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:|script-src/);
    for (const { name, html } of visits) {
      const hash = createHash("sha256").update(inlineStyleOf(html)).digest("base64");
      const isAllowed = policy.includes(`'sha256-${hash}'`);
      expect({ name, isAllowed, styles: elementsNamed(html, "style").length }).toEqual({
        name,
        isAllowed: true,
        styles: 1,
      });
    }
  });
});

describe("URLs", () => {
  test.each([
    ["/Articles", "/articles"],
    ["/articles/", "/articles"],
    [
      "/ARTICLES/Builder-Pattern-In-Java//?page=2&x=Y",
      "/articles/builder-pattern-in-java?page=2&x=Y",
    ],
    ["//evil.example/", "/evil.example"],
    ["///evil.example//", "/evil.example"],
    ["/%5Cevil.example/", "/%5cevil.example"],
    ["//evil.example/%2e%2e/", "/evil.example/%2e%2e"],
  ])(
    "%s redirects to the canonical spelling on SITE_URL, whatever the Host header says",
    async (address, expected) => {
      const { status, headers } = await request(site.server)
        .get(address)
        .set("Host", "evil.example");
      expect({ status, location: headers["location"] }).toEqual({
        status: 301,
        location: siteUrl + expected,
      });
    },
  );

  test("respond to HEAD as to GET, without a body", async () => {
    for (const address of [...(await publicAddresses(site)), "/livez", "/readyz"]) {
      const { status, headers, text } = await request(site.server).head(address);
      expect({ address, status, text }).toEqual({ address, status: 200, text: undefined });
      expect(Number(headers["content-length"])).toBeGreaterThan(0);
    }
    const { status } = await request(site.server).head("/nowhere");
    expect(status).toBe(404);
  });

  test("never refuse GET as a method: a receipt without a reference is a 404", async () => {
    const { status, headers } = await request(site.server).get("/contact/received");
    expect(status).toBe(404);
    expect(headers["allow"]).toBeUndefined();
  });

  test("that do not exist are 404 for every method", async () => {
    for (const method of ["get", "post", "delete"] as const)
      expect((await request(site.server)[method]("/nowhere")).status).toBe(404);
  });
});

test("a fault of the site is a 500 that shows nothing of the error, and the log has it with its stack", async () => {
  const own = await buildTestSite();
  own.library.search = () => {
    throw new Error("a secret of the index");
  };
  const { status, text } = await request(own.server).get("/search?q=queue");
  await own.close();
  expect(status).toBe(500);
  expect(text).toContain("Something went wrong on our side.");
  expect(text).not.toContain("a secret");
  const failure = own.logged.find(({ msg }) => msg === "a request failed");
  expect(failure).toMatchObject({
    level: "error",
    err: { message: "a secret of the index", stack: expect.any(String) },
  });
});

test("in development, drafts and scheduled articles are shown and marked, and not indexed", async () => {
  const files = {
    "half-done.md": articleFile({ title: "Half done", draft: "true" }),
    "to-come.md": articleFile({ title: "To come", date: "2026-12-01" }),
  };
  const own = await buildSiteOf(files, { development: true });
  const draft = await request(own.server).get("/articles/half-done");
  expect(metaOf(draft.text, "robots")).toBe("noindex");
  const list = (await request(own.server).get("/articles")).text;
  await own.close();
  expect(list.match(/<b[^>]*>(Draft|Scheduled for Tue 1 Dec 2026, 00:00)<\/b>/g)).toHaveLength(2);
});
