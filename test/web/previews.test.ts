// The private preview of a hidden article: whoever has its address reads it, and nobody else finds it.

import { previewToken } from "../../src/articles/article.ts";
import { buildSiteOf } from "../support/articles.ts";
import { everything, instant, secondBefore } from "../support/hidden-articles.ts";
import { elementsNamed, metaOf } from "../support/html.ts";

const siteUrl = "http://clean.localhost:8080";
const secret = "not for anybody else";
const env = { SITE_URL: siteUrl, PREVIEW_SECRET: secret };

const site = await buildSiteOf(everything, { env, now: secondBefore });
const { get } = site;

describe("the private preview", () => {
  const preview = (slug: string, key = secret) => `/drafts/${previewToken(key, slug)}`;

  test.each([
    ["quokka", /Scheduled for Tue 1 Dec 2026, 09:00/],
    ["numbat", /Draft/],
  ])("of %s shows the article marked, neither stored nor indexed", async (word, mark) => {
    const { status, text, headers } = await get(preview(`${word}slug`));
    expect(status).toBe(200);
    for (const place of ["title", "heading", "body", "topic", "name"])
      expect(text).toContain(`${word}${place}`);
    expect(/<b class="hidden-mark">(.*?)<\/b>/.exec(text)?.[1]).toMatch(mark);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(metaOf(text, "robots")).toBe("noindex");
    expect(text).not.toMatch(/rel="canonical"|og:url|ld\+json|name="from"/);
  });

  test("shows the images of the article", async () => {
    const { text } = await get(preview("numbatslug"));
    const address = elementsNamed(text, "img")[0]?.attributes["src"] ?? "";
    expect([address, (await get(address)).status]).toEqual([
      expect.stringMatching(/numbatimage\.[0-9a-f]{10}\.svg$/),
      200,
    ]);
  });

  test("shows the article in its future place in the series", async () => {
    const { text } = await get(preview("quokkaslug"));
    const series = (/<nav class="series"[\s\S]*?<\/nav>/.exec(text)?.[0] ?? "")
      .replace(/<[^>]+>/g, "")
      .replace(/\s+/g, " ");
    expect(series.trim()).toBe("Part 2 of 2 in “Fieldwork” Previous: The wombattitle");
  });

  test.each([
    ["a token for another secret", preview("numbatslug", "another secret of somebody")],
    ["a token of nothing", preview("nothing")],
    ["the beginning of a token", preview("numbatslug").slice(0, -1)],
    ["a token and more", `${preview("numbatslug")}0`],
    ["a slug", "/drafts/numbatslug"],
    ["no token", "/drafts"],
    ["an odd one", "/drafts/__proto__"],
  ])("does not exist for %s", async (_what, address) => {
    const { status, text } = await get(address);
    expect([status, /quokka(?!slug)|numbat(?!slug)/.test(text)]).toEqual([404, false]);
  });

  test("does not exist without PREVIEW_SECRET", async () => {
    await using own = await buildSiteOf(everything);
    for (const key of [secret, "", "undefined"])
      expect((await own.get(preview("numbatslug", key))).status).toBe(404);
  });

  test("redirects to the article once it is public", async () => {
    site.clock.now = instant;
    const { status, headers } = await get(preview("quokkaslug"));
    expect([status, headers["location"]]).toEqual([302, `${siteUrl}/articles/quokkaslug`]);
    expect((await get(preview("numbatslug"))).status).toBe(200);
  });
});
