// The steps of a deployment that need no machine: what visitors would lose, and the last line.

import { createServer } from "node:http";
import { causeIn } from "../ops/deploy.ts";
import { comparePages } from "../src/cli/trial-pages.ts";
import { listen } from "./support/listen.ts";

const article = `<main>${"words ".repeat(50)}</main>`;
const pages: Record<string, string> = {
  "/": `<style>${"a{}".repeat(50)}</style><main><a href="/feed.atom">Feed</a></main>`,
  "/articles/one": article,
  "/articles/two": article,
  "/topics/java": `<main><a href="/topics/java/feed.atom">Java</a></main>`,
};
const programs = { "/feed.atom": "", "/topics/java/feed.atom": "", "/search?q=a": "" };

/** Serves pages with their sitemap. A page that is a number has this status. */
async function serve(changes: Record<string, string> = {}): Promise<URL> {
  const all: Record<string, string> = { ...pages, ...programs, ...changes };
  const listed = Object.keys(pages).filter((page) => !/^\d+$/.test(all[page] ?? ""));
  const server = createServer(({ url = "" }, response) => {
    const sitemap = listed.map((page) => `<loc>http://site${page}</loc>`).join("");
    const body = url === "/sitemap.xml" ? sitemap : (all[url] ?? "404");
    const status = Number(body) || 200;
    const errorPage = `<main>${"Nothing is here. ".repeat(20)}</main>`;
    response.writeHead(status, { Location: "/" }).end(status === 404 ? errorPage : body);
  });
  return new URL(await listen(server));
}

const compare = async (changes: Record<string, string> = {}) =>
  comparePages(await serve(), await serve(changes));

test("a release with the same pages loses nothing", async () => {
  expect(await compare()).toEqual({ count: 8, lost: [] });
});

test.each([
  ["a page is gone", { "/articles/two": "404" }, "/articles/two (404)"],
  ["most of a text is gone", { "/articles/two": "<main>words</main>" }, "/articles/two (text)"],
  ["the style is gone", { "/": pages["/"]?.replace(/<style.*style>/, "") ?? "" }, "/ (style)"],
  ["a feed is gone", { "/topics/java/feed.atom": "404" }, "/topics/java/feed.atom (404)"],
  ["the search is gone", { "/search?q=a": "404" }, "/search?q=a (404)"],
  ["a new link is wrong", { "/": `${pages["/"]}<a href="/contcat">Write</a>` }, "/contcat (404)"],
])("%s: visitors would lose it", async (_what, changes, lost) => {
  expect((await compare(changes)).lost).toEqual([lost]);
});

test("a page that redirects is not lost", async () => {
  expect((await compare({ "/articles/two": "301" })).lost).toEqual([]);
});

test("a page that fails refuses a release, also with --force", async () => {
  const why = "this release responds to /articles/two with 500";
  await expect(compare({ "/articles/two": "500" })).rejects.toThrow(why);
});

test("a new address with less text than the error page before is no loss", async () => {
  const old = await serve({ "/new.md": "404", "/articles/one": `${article}<a href="/new.md">` });
  const site = await serve({ "/new.md": "# New", "/articles/one": `${article}<a href="/new.md">` });
  expect((await comparePages(old, site)).lost).toEqual([]);
});

test("an article's dead link refuses no release", async () => {
  const same = await serve({ "/articles/one": `${article}<a href="/gone">` });
  expect((await comparePages(same, same)).lost).toEqual([]);
});

test("a release that nothing answers is refused", async () => {
  const closed = new URL("http://127.0.0.1:9");
  await expect(comparePages(await serve(), closed)).rejects.toThrow("got no response");
});

test.each([
  [
    "a crash",
    "src/app.ts:20\nSyntaxError [ERR]: Expected ident\n    at parse\n}\nNode.js v26.12.1",
    "SyntaxError [ERR]: Expected ident (src/app.ts:20)",
  ],
  [
    "a template",
    "the digest was not sent: /srv/incoming/views/mail/inquiry.text.ejs:3\n >> 3| <%= a %>\n\na is not defined",
    "a is not defined (views/mail/inquiry.text.ejs:3)",
  ],
  [
    "a logged crash",
    '{"level":"error","err":{"message":"boom","stack":"Error: boom at file:///x/src/main.ts:9:2"}}',
    "boom (src/main.ts:9)",
  ],
  [
    "npm",
    "npm error code ENOTFOUND\nnpm error network request to https://r/pg failed\nnpm error A complete log of this run can be found in: /root/x.log",
    "npm error network request to https://r/pg failed",
  ],
  [
    "Debian's npm",
    "npm ERR! code EUSAGE\nnpm ERR! \nnpm ERR! npm ci needs a lock\nnpm ERR! A complete log of this run can be found in:\nnpm ERR!     /root/x.log",
    "npm ERR! npm ci needs a lock",
  ],
  [
    "a unit",
    "x.service: Failed.\nThe release says why.\nx.service: Main process exited",
    "The release says why",
  ],
])("the last line of a refusal is the cause of %s", (_what, text, cause) => {
  expect(causeIn(text)).toBe(cause);
});
