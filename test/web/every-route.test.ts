// Requests every route of the app, read from its router: security headers on each kind of response, no cookie, and 405 for other methods.
// A route with a parameter needs an example below.

import type { Router } from "express";
import request from "supertest";
import { buildTestSite, postForm, productionEnv, type TestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";

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

const examples: Record<string, string[]> = {
  "/articles/:slug": ["/articles/builder-pattern-in-java", "/articles/none"],
  "/articles/:slug/examples": ["/articles/retries-multiply/examples"],
  "/articles/:slug/examples/*file": [
    "/articles/retries-multiply/examples/Retries.java",
    "/articles/retries-multiply/examples/none",
  ],
  "/articles/:slug.md": ["/articles/builder-pattern-in-java.md"],
  "/drafts/:token": ["/drafts/none"],
  "/images/*file": ["/images/none.png"],
  "/og/:slug.png": ["/og/builder-pattern-in-java.png"],
  "/topics/:topic": ["/topics/java"],
  "/topics/:topic/feed.atom": ["/topics/java/feed.atom"],
  "/staff/:token": [`/staff/${"0".repeat(32)}`],
  "/authors/:author": ["/authors/eric-hanson"],
  "/dev/events": [], // never ends
};

test.each([
  ["production", { env: productionEnv }],
  ["development", { development: true }],
])("in %s no route fails, and every response has the security headers", async (mode, options) => {
  await using site = await buildTestSite(options);
  const routes = routesOf(site);
  expect(routes.length).toBeGreaterThan(18);
  expect(routes.some((route) => route.startsWith("/dev/"))).toBe(mode === "development");
  const addresses = routes.flatMap((route) => examples[route] ?? [route]);
  expect(addresses.filter((address) => /[:*{]/.test(address))).toEqual([]); // give each an example
  const asset = /href="(\/assets\/[^"]+)"/.exec((await site.get("/")).text)?.[1] ?? "";
  const receipt = `/contact/received?ref=${await postForm(site)}`;
  const { page } = await sendInquiry(site, { message: "for the staff page" });
  const more = "/favicon.ico /nowhere /topics/%zz /PRIVACY/ /articles?page=1 /search?q=queue";
  const seen = new Set<number>();
  const see = async (address: string, asked: request.Test) => {
    const { status, headers } = await asked;
    seen.add(status);
    expect(status).toBeLessThan(500);
    expect([address, status, listProblems(headers, mode)]).toEqual([address, status, []]);
    return { status, headers };
  };
  for (const address of [...addresses, ...more.split(" "), asset, receipt, page]) {
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

const expected: Record<string, RegExp> = {
  "content-security-policy":
    /^default-src 'none'; style-src 'self' 'sha256-[^']+' 'sha256-[^']+'; img-src 'self'; (?!.*(unsafe|\*|https?:|data:))/,
  "referrer-policy": /^(strict-origin-when-cross-origin|same-origin|no-referrer)$/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^(same|cross)-origin$/,
  "permissions-policy": /camera=\(\), microphone=\(\), geolocation=\(\)/,
};

function listProblems(headers: Record<string, string>, mode: string): string[] {
  const wrong = Object.entries(expected)
    .filter(([name, value]) => !value.test(headers[name] ?? ""))
    .map(([name]) => name);
  // Other sites show images and feeds, and no page.
  const isPage = (headers["content-type"] ?? "").startsWith("text/html");
  if (isPage && headers["cross-origin-resource-policy"] !== "same-origin") wrong.push("page");
  const named = ["set-cookie", "server", "x-powered-by"].filter((name) => name in headers);
  const secure = (headers["strict-transport-security"] ?? "").startsWith("max-age=31536000");
  const script = /script-src/.test(headers["content-security-policy"] ?? "");
  return [
    ...wrong,
    ...named,
    ...(secure === (mode === "production") ? [] : ["HSTS"]),
    ...(script === (mode === "development") ? [] : ["script"]),
  ];
}
