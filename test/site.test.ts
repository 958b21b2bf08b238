// The site as a crawler and a link checker see it: URLs, links, titles, headers, and hidden articles.

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import request from "supertest";
import {
  attributesOf,
  elementsNamed,
  inlineStyleOf,
  metaOf,
  resourcesOf,
  titleOf,
} from "./support/html.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite, temporaryFolder } from "./support/site.ts";
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

  test("include HSTS in production", async () => {
    const settings = {
      NODE_ENV: "production",
      SITE_URL: "https://cleansystems.dk",
      CONTACT_EMAIL: "hi@cleansystems.dk",
    };
    const mail = {
      SMTP_URL: "smtp://localhost",
      MAIL_FROM: "site@cleansystems.dk",
      MAIL_TO: "hi@cleansystems.dk",
    };
    const live = await buildTestSite({ env: { ...settings, ...mail } });
    const { headers } = await request(live.server).get("/nowhere");
    await live.close();
    expect(headers["strict-transport-security"]).toMatch(/^max-age=\d{8}/);
    expect(headers["content-security-policy"]).toMatch(/; upgrade-insecure-requests$/);
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

  test("refuse other methods with 405 and the allowed methods", async () => {
    for (const address of [...(await publicAddresses(site)), "/contact/received"]) {
      const allowed = address === "/contact" ? "GET, HEAD, POST" : "GET, HEAD";
      for (const method of address === "/contact"
        ? (["put", "delete"] as const)
        : (["post", "delete"] as const)) {
        const { status, headers } = await request(site.server)[method](address);
        expect({ address, method, status, allow: headers["allow"] }).toEqual({
          address,
          method,
          status: 405,
          allow: allowed,
        });
      }
    }
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

describe("health", () => {
  test("/livez is 200 while the process responds", async () => {
    const { status, text, headers } = await request(site.server).get("/livez");
    expect({ status, text }).toEqual({ status: 200, text: "ok\n" });
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("/readyz counts articles and inquiries, and is 503 once the store cannot be written", async () => {
    const own = await buildTestSite();
    await postForm(own);
    const articles = (await publicAddresses(own)).filter((address) =>
      /^\/articles\/[^/]+$/.test(address),
    );
    const before = await request(own.server).get("/readyz");
    expect(before.status).toBe(200);
    expect(before.body).toMatchObject({
      ready: true,
      articles: articles.length,
      inquiries: { pending: 1, sent: 0 },
    });
    await own.close();
    const after = await request(own.server).get("/readyz");
    expect(after.status).toBe(503);
    expect(after.body).toMatchObject({ ready: false });
    expect((await request(own.server).get("/livez")).status).toBe(200);
  });
});

describe("articles that are not public", () => {
  const canary = "quokka";
  const description =
    "What the article says, in as many words as the front matter has to give to search engines.";
  const article = (title: string, more: string, date = "2026-11-20") =>
    `---\ntitle: ${title}\ndescription: ${description}\nauthor: someone\ndate: ${date}\n${more}---\n\n` +
    `The text of ${title}.\n\n## ${title} in depth\n\nMore of it.\n`;
  let dir: string;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ({ dir, remove } = await temporaryFolder());
    const files = {
      "authors.yaml": "someone:\n  name: Some One\n",
      "open.md": article("Open", "related: [half-done, to-come]\ntopics: [Java]\n"),
      "half-done.md": article(`Half a ${canary}`, `topics: [${canary}]\ndraft: true\n`),
      "to-come.md": article(`Soon a ${canary}`, "", "2026-12-01"),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text);
  });
  afterAll(() => remove());

  test("are in no list, link, error, health check or mail", async () => {
    const own = await buildTestSite({ env: { ARTICLES_DIR: dir, SITE_URL: siteUrl } });
    const { found } = await crawl(own);
    expect([...found.keys()]).toContain("/articles/open");
    for (const slug of ["half-done", "to-come"]) {
      const address = `/articles/${slug}`;
      const answers = [
        await request(own.server).get(address),
        await request(own.server).post(address),
      ];
      answers.push(await request(own.server).post("/contact").type("form").send({ from: slug }));
      answers.push(await request(own.server).get("/readyz"));
      expect(answers.map(({ status }) => status)).toEqual([404, 405, 422, 200]);
      expect(answers.map(({ text }) => text).join("")).not.toContain(canary);
      await postForm(own, { from: slug, name: slug });
    }
    expect([...found.keys()].filter((address) => /half-done|to-come/.test(address))).toEqual([]);
    expect([...found].filter(([, { html }]) => html.includes(canary))).toEqual([]);
    await own.delivery.deliverDue();
    expect(own.mailbox).toHaveLength(2);
    for (const { text, html } of own.mailbox)
      expect(text + html).not.toMatch(new RegExp(`${canary}|/articles/`));
    await own.close();
  });

  test("appear at midnight in Copenhagen on their day, drafts excepted", async () => {
    const own = await buildTestSite({
      env: { ARTICLES_DIR: dir },
      now: new Date("2026-11-30T22:59:59Z"),
    });
    const statusOf = async (slug: string) =>
      (await request(own.server).get(`/articles/${slug}`)).status;
    const statuses = async () => ({
      scheduled: await statusOf("to-come"),
      draft: await statusOf("half-done"),
    });
    expect(await statuses()).toEqual({ scheduled: 404, draft: 404 });
    own.clock.now = new Date("2026-11-30T23:00:00Z");
    expect(await statuses()).toEqual({ scheduled: 200, draft: 404 });
    expect((await request(own.server).get("/articles")).text).toContain(`Soon a ${canary}`);
    await own.close();
  });

  test("are shown in development, drafts with the word Draft", async () => {
    const own = await buildTestSite({ env: { ARTICLES_DIR: dir }, development: true });
    const draft = await request(own.server).get("/articles/half-done");
    expect(draft.text).toMatch(/<b[^>]*>Draft<\/b>/);
    expect(metaOf(draft.text, "robots")).toBe("noindex");
    const list = await request(own.server).get("/articles");
    expect(
      list.text.match(/<b[^>]*>(Draft|Scheduled for Tue 1 Dec 2026, 00:00)<\/b>/g),
    ).toHaveLength(2);
    expect(list.text).toContain(`Soon a ${canary}`);
    await own.close();
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
