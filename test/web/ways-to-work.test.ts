// "Ways to work with us": a section for each choice of the form, which leads to the form with that choice selected; the terms; and the hours
// that the offices have in common with other cities.

import request from "supertest";
import { company } from "../../src/company.ts";
import { choicesOf, fields } from "../../src/inquiries/form.ts";
import { overlaps } from "../../src/web/overlap.ts";
import { attributesOf, elementsNamed } from "../support/html.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

const kind = fields.find(({ name }) => name === "kind");
const choices = choicesOf("kind");
const [term] = company.terms;
if (!kind || !term) throw new Error("the form or the terms have changed");

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeAll(async () => {
  site = await buildTestSite();
});
afterAll(() => site.close());
const nextDay = () => void (site.clock.now = new Date(site.clock.now.getTime() + 86_400_000));
beforeEach(nextDay); // the page cache renders each page again
afterEach(() => {
  kind.choices = choices;
  term.value = undefined;
});

const get = (address: string) => request(site.server).get(address);
const chosenIn = (html: string) =>
  elementsNamed(html, "input").flatMap(({ attributes }) =>
    "checked" in attributes ? attributes["value"] : [],
  );
const addressOf = (value: string) => `/contact?kind=${value}`;

test("the page has a section for each choice of the form, in their order, and links to the form with it", async () => {
  const { text } = await get("/ways-to-work");
  const sections = elementsNamed(text, "section").map(
    ({ attributes }) => attributes["aria-labelledby"],
  );
  expect(sections).toEqual([
    ...choices.map(({ value }) => `page-way-${value}`),
    "page-terms",
    undefined,
  ]);
  const links = attributesOf(text, "href").filter((link) => link.startsWith("/contact?"));
  expect(links).toEqual(choices.map(({ value }) => addressOf(value)));
});

test.each([
  ["a new choice", [...choices, { value: "advice", label: "Advice" }], "advice"],
  ["a choice that was removed", choices.slice(1), "team"],
])("%s without its section fails with its name", async (_name, changed, value) => {
  kind.choices = changed;
  expect((await get("/ways-to-work")).status).toBe(500);
  expect(JSON.stringify(site.logged)).toContain(`src/inquiries/form.ts differ: ${value}`);
});

test.each(choices)(
  "the form opens with $value selected, and no cache stores it",
  async ({ value }) => {
    const logged = site.logged.length;
    const { text, headers } = await get(addressOf(value));
    expect(chosenIn(text)).toEqual([value]);
    expect(headers["cache-control"]).toBe("private, no-cache");
    expect(text).toContain(`<link rel="canonical" href="http://localhost:3000/contact">`);
    await get(addressOf(value));
    expect(site.logged.slice(logged).filter(({ route }) => route === "/contact")).toHaveLength(2); // a stored page is not logged
    expect(chosenIn((await get("/contact")).text)).toEqual([]);
  },
);

test.each([
  "kind=free",
  "kind=",
  "kind=team&kind=project",
  "kind[]=team",
  "kind=%22%3E%3Cb%3E",
  "kind=Team",
  "start=month",
])("/contact?%s is the form without a choice", async (query) => {
  const { status, text } = await get(`/contact?${query}`);
  expect(status).toBe(200);
  expect(text).toBe((await get("/contact")).text);
});

test("a wrong form keeps the choice with which it was opened", async () => {
  const { text } = await request(site.server)
    .post("/contact")
    .type("form")
    .send({ kind: "release" });
  expect(chosenIn(text)).toEqual(["release"]);
});

const definitionsIn = (html: string) =>
  Array.from(html.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g), ([, label, value]) => [
    label,
    value,
  ]);
const questionsIn = (html: string) => /<p>Ask us about (.*?)\./.exec(html)?.[1];

describe("the terms", () => {
  test("without a value are named in one sentence, and none is stated", async () => {
    const { text } = await get("/ways-to-work");
    expect(questionsIn(text)).toBe(
      new Intl.ListFormat("en-GB").format(company.terms.map(({ label }) => label)),
    );
    expect(definitionsIn(text)).toEqual([]);
  });

  test("with a value are in the list and no longer in the sentence", async () => {
    term.value = "By the day & in writing.";
    const { text } = await get("/ways-to-work");
    expect(definitionsIn(text)).toEqual([["Pricing", "By the day &amp; in writing."]]);
    expect(questionsIn(text)).toMatch(/^charges for the first week, /);
  });

  test("have no sentence once all have a value", async () => {
    const rows = company.terms.splice(0, Infinity, { label: "pricing", value: "By the day." });
    const { text } = await get("/ways-to-work");
    company.terms.splice(0, Infinity, ...rows);
    expect(questionsIn(text)).toBeUndefined();
  });
});

describe("the hours in common", () => {
  // Counted by hand in UTC, for winter, summer, and the weeks in which only some of the zones have daylight saving time.
  const [copenhagen, magelang] = company.offices;
  const expected = [
    ["New York", [copenhagen, 2, 3], [magelang, 0, 0]],
    ["San Francisco", [copenhagen, 0, 0], [magelang, 0, 0]],
    ["London", [copenhagen, 7, 7], [magelang, 1, 2]],
    ["Singapore", [copenhagen, 2, 3], [magelang, 8, 8]],
    ["Sydney", [copenhagen, 0, 1], [magelang, 5, 6]],
  ];

  test.each([
    "2026-11-24T13:33:00Z",
    "2027-03-14T00:00:00Z",
    "2027-03-29T23:59:00Z",
    "2027-07-01T12:00:00Z",
    "2027-10-31T01:30:00Z",
  ])("cover winter and summer from %s on", (now) => {
    const rows = overlaps(new Date(now)).map(({ city, offices }) => [
      city,
      ...offices.map(({ office, min, max }) => [office, min, max]),
    ]);
    expect(rows).toEqual(expected);
  });

  test("are in the table, also where there are none", async () => {
    const rows = Array.from(
      (await get("/ways-to-work")).text.matchAll(/<tr><th scope="row">(.*?)<\/tr>/g),
      ([, row = ""]) => row.replace(/<\/th>|<\/td>/g, "").split("<td>"),
    );
    expect(rows).toEqual([
      ["New York", "2 to 3 hours", "None"],
      ["San Francisco", "None", "None"],
      ["London", "7 hours", "1 to 2 hours"],
      ["Singapore", "2 to 3 hours", "8 hours"],
      ["Sydney", "0 to 1 hour", "5 to 6 hours"],
    ]);
  });

  test("are the same on every day, so that the page may be cached", async () => {
    const first = (await get("/ways-to-work")).text;
    for (let days = 0; days < 400; days += 50) {
      site.clock.now = new Date(tuesday.getTime() + days * 86_400_000);
      expect((await get("/ways-to-work")).text).toBe(first);
    }
  });
});
