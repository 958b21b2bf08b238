// "Ways to work with us": a section for each choice of the form, which leads to the form with that
// choice selected; the terms; and the hours that the offices have in common with other cities.

import request from "supertest";
import { company } from "../../src/company.ts";
import { choicesOf, fields } from "../../src/inquiries/form.ts";
import { attributesOf, elementsNamed, textOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const kind = fields.find(({ name }) => name === "kind");
const choices = choicesOf("kind");
if (!kind) throw new Error("the form has changed");

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeAll(async () => {
  site = await buildTestSite();
});
afterAll(() => site.close());
const nextDay = () => void (site.clock.now = new Date(site.clock.now.getTime() + 86_400_000));
beforeEach(nextDay); // the page cache renders each page again
afterEach(() => {
  kind.choices = choices;
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
    "page-overlap",
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

test.each(["kind=free", "kind=", "kind[]=team", "kind=%22%3E%3Cb%3E", "kind=Team", "start=month"])(
  "/contact?%s is the form without a choice",
  async (query) => {
    const { status, text } = await get(`/contact?${query}`);
    expect(status).toBe(200);
    expect(textOf(text)).toBe(textOf((await get("/contact")).text));
    expect(chosenIn(text)).toEqual([]);
  },
);

test("a wrong form keeps the choice with which it was opened", async () => {
  const { text } = await request(site.server)
    .post("/contact")
    .type("form")
    .send({ kind: "release" });
  expect(chosenIn(text)).toEqual(["release"]);
});

test("a term and its section appear once it is set", async () => {
  expect(textOf((await get("/ways-to-work")).text)).not.toContain("Terms");
  company.terms.push({ name: "Pricing", text: "By the day & in writing." });
  nextDay();
  const { text } = await get("/ways-to-work");
  company.terms.pop();
  expect(text).toContain("<dt>Pricing</dt><dd>By the day &amp; in writing.</dd>");
});

test("the offices are open for the hours from which the table of hours in common was counted", () => {
  const hours = company.offices.map((office) => [
    office.city,
    office.opensAtHour,
    office.closesAtHour,
  ]);
  expect(hours).toEqual([
    ["Copenhagen", 8, 17],
    ["Magelang", 8, 17],
  ]);
});
