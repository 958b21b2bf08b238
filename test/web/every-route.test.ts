// Every route: its row in the table of URLs, and from the router of the app, with every optional setting,
// security headers on each kind of response, no cookie, and 405 for other methods.

import type { Router } from "express";
import request from "supertest";
import { href, matchUrl, urls, type UrlName } from "../../src/urls.ts";
import { previewToken } from "../../src/articles/article.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { postForm, productionEnv, type TestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";

const rows = Object.entries(urls) as [UrlName, string][];
/** What stands for the parameters of a route. */
const parts: Record<string, string> = {
  slug: "queues",
  topic: "java",
  author: "someone",
  token: "0".repeat(32),
  file: "code/Queues.java",
};

test.each(rows)("an address of %s is built and recognised", (name, route) => {
  const address = (href as (name: UrlName, parts: object) => string)(name, parts);
  const named = Object.entries(parts).filter(([key]) => new RegExp(`[:*]${key}\\b`).test(route));
  expect(matchUrl(address)).toEqual({ name, parts: Object.fromEntries(named) });
});

test("an address that is in no row is not recognised", () => {
  expect(matchUrl("/articles/queues/")).toBeUndefined();
  expect(matchUrl("/feedXatom")).toBeUndefined();
});

type Layer = { route?: { path: string | string[] } | undefined; handle: object };

/** Returns the path of each route, as the source writes it. */
function routesOf({ app }: TestSite): string[] {
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(
      ({ route, handle }) =>
        route?.path ?? ("stack" in handle ? walk(handle.stack as Layer[]) : []),
    );
  return [...new Set(walk((app.router as Router).stack))];
}

const secret = "a secret of the preview";
/** Each setting that may be left out, except DATABASE_URL: a route may exist only with one. */
const optionalEnv = {
  SITE_URL: "http://localhost:3000",
  SMTP_URL: "smtp://localhost:1",
  DKIM_SELECTOR: "site",
  CONTACT_PHONE: "+45 12 34 56 78",
  PREVIEW_SECRET: secret,
  REPLY_WITHIN_WORKING_DAYS: "1",
  ALERT_WEBHOOK_URL: "http://localhost:1",
  BACKUP_TO: "true",
};
const preview = href("preview", { token: previewToken(secret, "half-done") });

const files = {
  "half-done.md": articleFile({ draft: "true" }),
  "queues.md": articleFile({ topics: "[Java]" }),
  "examples/queues/README.md": "[code/Queues.java](code/Queues.java)\n",
  "examples/queues/code/Queues.java": "class Queues {}\n",
};

/** What each response has. Nothing, where there must be none. */
const headersOf = (mode: string, isPage: boolean): [name: string, value: RegExp][] => [
  [
    "content-security-policy",
    /^default-src 'none'; style-src 'self' 'sha256-[^']+' 'sha256-[^']+'; img-src 'self'; (?!.*(unsafe|\*|https?:|data:))/,
  ],
  ["content-security-policy", mode === "development" ? /script-src 'self'/ : /^(?!.*script-src)/],
  ["referrer-policy", /^(strict-origin-when-cross-origin|same-origin|no-referrer)$/],
  ["x-content-type-options", /^nosniff$/],
  ["x-frame-options", /^DENY$/],
  ["cross-origin-opener-policy", /^same-origin$/],
  // Other sites show images and feeds, and no page.
  ["cross-origin-resource-policy", isPage ? /^same-origin$/ : /^(same|cross)-origin$/],
  ["permissions-policy", /camera=\(\), microphone=\(\), geolocation=\(\)/],
  ["strict-transport-security", mode === "production" ? /^max-age=31536000/ : /^$/],
  ...["set-cookie", "server", "x-powered-by"].map((name): [string, RegExp] => [name, /^$/]),
];

test.each([
  ["production", { env: { ...optionalEnv, ...productionEnv } }],
  ["development", { env: optionalEnv, development: true }],
])("in %s no route fails, and every response has the security headers", async (mode, options) => {
  await using site = await buildSiteOf(files, options);
  const unset = Object.entries(site.config).filter(([, value]) => value === undefined);
  expect(unset.map(([name]) => name)).toEqual(["databaseUrl"]); // name it in `optionalEnv`
  const routes = routesOf(site);
  expect(routes.length).toBeGreaterThan(18);
  expect(routes.some((route) => route.startsWith("/dev/"))).toBe(mode === "development");
  const addresses = routes
    .filter((route) => route !== urls.reloadEvents) // never ends
    .map((route) => route.replace(/[:*](\w+)/g, (whole, name: string) => parts[name] ?? whole));
  expect(addresses.filter((address) => /[:*{]/.test(address))).toEqual([]); // name it in `parts`
  expect((await site.get(preview)).status).toBe(mode === "production" ? 200 : 302);
  const asset = /href="(\/assets\/[^"]+)"/.exec((await site.get("/")).text)?.[1] ?? "";
  const receipt = `/contact/received?ref=${await postForm(site)}`;
  const { page } = await sendInquiry(site, { message: "for the staff page" });
  const more =
    "/favicon.ico /nowhere /topics/%zz /PRIVACY/ /articles?page=1 /search?q=queue /articles/none /articles/queues/examples/none";
  const seen = new Set<number>();
  const see = async (address: string, asked: request.Test) => {
    const { status, headers } = await asked;
    seen.add(status);
    expect(status).toBeLessThan(500);
    const isPage = headers["content-type"]?.startsWith("text/html") ?? false;
    const wrong = headersOf(mode, isPage).filter(
      ([name, value]) => !value.test(headers[name] ?? ""),
    );
    expect([address, status, wrong]).toEqual([address, status, []]);
    return { status, headers };
  };
  for (const address of [...addresses, ...more.split(" "), asset, receipt, page, preview]) {
    const { status, headers } = await see(address, site.get(address));
    await see(address, request(site.server).head(address));
    if (headers["etag"])
      await see(address, site.get(address).set("If-None-Match", headers["etag"]));
    const put = await see(address, request(site.server).put(address));
    if (status !== 200 || address.startsWith("/dev/")) continue;
    const allow = expect.stringMatching(/^GET, HEAD/) as string;
    expect([address, put.status, put.headers["allow"]]).toEqual([address, 405, allow]);
  }
  expect([...seen]).toEqual(expect.arrayContaining([200, 301, 304, 400, 404, 405]));
});
