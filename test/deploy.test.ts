// The steps of a deployment that need no machine: what visitors would lose, what a migration would
// lose, what has served.

import { createServer, type Server } from "node:http";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { causeIn, comparePages, countRows, goodOnes, table } from "../ops/deploy.ts";
import { listen } from "./support/listen.ts";
import { temporaryFolder } from "./support/site.ts";

const article = `<main>${"words ".repeat(50)}</main>`;
const pages: Record<string, string> = {
  "/": `<style>${"a{}".repeat(50)}</style><main><a href="/articles/one">One</a></main>`,
  "/articles/one": article,
  "/articles/two": article,
  "/topics/java": "<main>Java</main>",
};
const programs = {
  "/feed.atom": "",
  "/topics/java/feed.atom": "",
  "/search": "",
  "/search?q=a": "",
};

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** Serves pages with their sitemap. A page "404" does not exist. */
async function serve(changes: Record<string, string> = {}): Promise<string> {
  const all: Record<string, string> = { ...pages, ...programs, ...changes };
  const listed = Object.keys({ ...pages, ...changes }).filter(
    (page) => !/^\d+$/.test(all[page] ?? ""),
  );
  const urls = listed
    .filter((page) => page in pages)
    .map((page) => `<loc>http://site${page}</loc>`);
  const server = createServer(({ url = "" }, response) => {
    const body = url === "/sitemap.xml" ? urls.join("") : (all[url] ?? "404");
    if (body === "301") response.writeHead(301, { Location: "/" });
    else if (body === "404") response.statusCode = 404;
    response.end(body);
  });
  servers.push(server);
  return listen(server);
}

const compare = async (changes: Record<string, string> = {}) =>
  comparePages(await serve(), await serve(changes));

test("a release with the same pages loses nothing", async () => {
  expect(await compare()).toEqual({ count: 9, lost: [] });
});

test.each([
  ["a page is gone", { "/articles/two": "404" }, "/articles/two (404)"],
  ["most of a text is gone", { "/articles/two": "<main>words</main>" }, "/articles/two (text)"],
  ["the style is gone", { "/": pages["/"]?.replace(/<style.*style>/, "") ?? "" }, "/ (style)"],
])("%s: visitors would lose it", async (_what, changes, lost) => {
  expect((await compare(changes)).lost).toEqual([lost]);
});

test("a page that redirects is not lost", async () => {
  expect((await compare({ "/articles/two": "301" })).lost).toEqual([]);
});

test.each([
  ["a feed", { "/topics/java/feed.atom": "404" }, "/topics/java/feed.atom with 404"],
  ["the search", { "/search": "404" }, "/search with 404"],
  ["an unknown address", { "/unknown-address": "shown" }, "/unknown-address with 200"],
  [
    "a new link",
    { "/": `${pages["/"]}<a href="/contcat">Write</a>` },
    "/contcat with 404 instead of 200, linked on /",
  ],
])("a release in which %s is wrong is refused", async (_what, changes, why) => {
  await expect(compare(changes)).rejects.toThrow(`Refused: it responds to ${why}`);
});

test("a release that nothing answers is refused", async () => {
  const old = await serve();
  await expect(comparePages(old, "http://127.0.0.1:9")).rejects.toThrow("lists no pages");
});

test("inquiries are counted by their state", async () => {
  const { dir, remove } = await temporaryFolder();
  const file = path.join(dir, "inquiries.db");
  const database = new DatabaseSync(file);
  database.exec("create table inquiries (state text)");
  database.exec("insert into inquiries values ('sent'), ('sent'), ('pending')");
  database.close();
  expect(countRows(file)).toEqual([
    ["pending", 1],
    ["sent", 2],
  ]);
  await remove();
});

const releases = [
  { number: 1, revision: "v1.0 aaa", servedSince: "2026-11-24T09:00:00.000Z" },
  { number: 2, revision: "v1.1 bbb", servedSince: "2026-11-25T09:00:00.000Z", left: "by hand" },
  { number: 3, revision: "v1.2 ccc", left: "it crashed within 30 s" },
  { number: 4, revision: "v1.3 ddd" },
];

test("good is what has served and was not left", () => {
  expect(goodOnes(releases).map(({ number }) => number)).toEqual([1]);
});

test("the list says what has served, and what runs unchecked", () => {
  expect(table(releases.toReversed(), 4).split("\n")).toEqual([
    "  1  2026-11-24 09:00  v1.0 aaa",
    "  2  2026-11-25 09:00  v1.1 bbb  left: by hand",
    "  3  has not served    v1.2 ccc  left: it crashed within 30 s",
    "* 4  has not served    v1.3 ddd",
    "4 has not passed its checks: deploy --back",
  ]);
});

test.each([
  [
    "a crash",
    "app.ts:20\nSyntaxError [ERR]: Expected ident\n    at parse\n}\nNode.js v26.12.1",
    "SyntaxError [ERR]: Expected ident",
  ],
  [
    "a unit",
    "x.service: Failed.\nThe release says why.\nx.service: Main process exited",
    "The release says why",
  ],
])("the last line of a refusal is the cause of %s", (_what, text, cause) => {
  expect(causeIn(text)).toBe(cause);
});
