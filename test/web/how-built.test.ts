// The page "How this site is built": its figures are those of measurements.ts, and its pictures are drawn from them.

import { brotliCompressSync } from "node:zlib";
import request from "supertest";
import {
  benchmarks,
  crashTest,
  isMissed,
  pageWeights,
  simulation,
  soak,
} from "../../src/web/measurements.ts";
import { fixedPages } from "../../src/web/pages.ts";
import { spanLabel } from "../../src/web/trace.ts";
import { attributesOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const address = "/how-this-site-is-built";
const shown = (value: number) => value.toLocaleString("en-GB");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let html: string;
beforeAll(async () => {
  site = await buildTestSite({ now: new Date("2026-11-26T12:00:00Z") });
  html = (await request(site.server).get(address)).text;
});
afterAll(() => site.close());

const textOf = (part: string) =>
  part
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

test("is linked from the footer of every page, and from How we work", async () => {
  expect((await request(site.server).get("/privacy")).text).toContain(
    `<li><a href="${address}">How this site is built</a></li>`,
  );
  const main = /<main[^]*<\/main>/.exec((await request(site.server).get("/how-we-work")).text)?.[0];
  expect(main).toContain(`href="${address}"`);
});

test("shows each benchmark with its goal, and marks the missed ones", () => {
  const rows = Array.from(html.matchAll(/<tr><td>[^]*?<\/tr>/g), ([row]) => textOf(row));
  const expected = benchmarks.map((row) => {
    const goal = row.goal
      ? "atMost" in row.goal
        ? `at most ${shown(row.goal.atMost)}`
        : `at least ${shown(row.goal.atLeast)}`
      : "none";
    return [
      row.what,
      `${shown(row.value)} ${row.unit ?? ""}`.trim(),
      `${goal} ${(row.goal && row.unit) ?? ""}`.trim() + (isMissed(row) ? ", missed" : ""),
    ].join(" ");
  });
  expect(rows).toEqual(expected);
});

test("gives the reason for each goal that is missed, and for no other", () => {
  const missed = benchmarks.filter(isMissed);
  expect(missed.filter(({ whyMissed }) => !whyMissed)).toEqual([]);
  const list = /<h2 id="page-missed">[^]*?<\/ul>/.exec(html)?.[0] ?? "";
  expect(list.match(/<li>/g) ?? []).toHaveLength(missed.length);
  for (const { what, whyMissed } of missed)
    expect(list).toMatch(new RegExp(`<b>${what}</b>: [^]*${whyMissed}</li>`));
});

test("a goal is missed above its maximum or below its minimum", () => {
  const row = { what: "", printedAs: "" };
  const atGoal = [{ atMost: 2 }, { atLeast: 2 }].map((goal) =>
    [1, 2, 3].map((value) => isMissed({ ...row, value, goal })),
  );
  expect(atGoal).toEqual([
    [false, false, true],
    [true, false, false],
  ]);
  expect(isMissed({ ...row, value: 1 })).toBe(false);
});

test("shows the figures of the harnesses and the commands that print them", () => {
  for (const { command, measuredOn, ...figures } of [crashTest, simulation, soak]) {
    expect(html).toContain(command);
    expect(html).toContain(measuredOn);
    for (const figure of Object.values(figures).filter((value) => value > 7))
      expect(html).toContain(shown(figure));
  }
});

test("draws bars in proportion to the figures, and writes each value", () => {
  const spans = Array.from(
    html.matchAll(
      /<li class="\w+"><span class="visually-hidden">([^<]+)<\/span><svg aria-hidden="true"><rect x="([\d.]+)%" width="([\d.]+)%"/g,
    ),
  );
  const widths = Object.fromEntries(spans.map(([, label = "", , width]) => [label, Number(width)]));
  const { inquiries, lost, mailedTwice } = crashTest;
  for (const [name, size] of Object.entries({
    "Emailed to staff": inquiries - lost,
    "Emailed twice": mailedTwice,
    Lost: lost,
  }))
    expect(widths[`${name}: ${shown(size)}`]).toBeCloseTo((size / inquiries) * 100, 0);
  for (const { name, bytes } of pageWeights)
    expect(widths[`${name}: ${shown(bytes)}`]).toBeCloseTo(Math.min(bytes / 146, 100), 0);
});

test("a bar's label is inside a wide bar, or else on the side with more room", () => {
  const placeOf = (left: number, width: number) => spanLabel({ left, width }).place;
  expect([placeOf(0, 50), placeOf(0, 9), placeOf(40, 20), placeOf(86, 14)]).toEqual([
    "inside",
    "after",
    "after",
    "before",
  ]);
});

test("the weights of fixed pages are those of the pages of today, within a tenth", async () => {
  const paths = new Set(fixedPages.map(({ path }) => path));
  const fixed = pageWeights.filter(({ page }) => paths.has(page));
  expect(fixed.length).toBeGreaterThan(3);
  for (const { page, bytes } of fixed) {
    const today = brotliCompressSync((await request(site.server).get(page)).text).length;
    expect({ page, bytes, today, isCurrent: Math.abs(today / bytes - 1) <= 0.1 }).toEqual({
      page,
      bytes,
      today,
      isCurrent: true,
    });
  }
});

test("links only to articles that are public", async () => {
  const linked = (page: string) =>
    attributesOf(page, "href").filter((link) => link.startsWith("/articles/"));
  expect(linked(html).length).toBeGreaterThan(5);
  const dayBefore = await buildTestSite({ now: new Date("2026-11-24T12:00:00Z") });
  const { text } = await request(dayBefore.server).get(address);
  await dayBefore.close();
  expect(linked(html).filter((link) => !linked(text).includes(link))).toContain(
    "/articles/changing-a-column-while-two-versions-run",
  );
});
