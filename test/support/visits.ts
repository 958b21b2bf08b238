// Every kind of page of the site, for tests that apply to all of them.

import { createServer } from "node:http";
import request from "supertest";
import { matchUrl } from "../../src/urls.ts";
import { articleFile, buildSiteOf } from "./articles.ts";
import { attributesOf, resourcesOf } from "./html.ts";
import { listen } from "./listen.ts";
import { postForm, type TestSite, tuesday } from "./site.ts";
import { send, reachStage, stages } from "./staff.ts";

/** The articles of sites whose articles no test looks at. */
const files = { "a.md": articleFile() };

/** Returns the paths of all indexed pages: those of the sitemap. */
export async function publicAddresses({ get }: Pick<TestSite, "get">): Promise<string[]> {
  const { text } = await get("/sitemap.xml");
  return Array.from(text.matchAll(/<loc>([^<]+)/g), ([, url = ""]) => new URL(url).pathname);
}

/** The paths of searches with and without results. */
export const searches = {
  "search that finds": "/search?q=spring+messaging",
  "search that finds nothing": "/search?q=zzyzx+%3Cb%3E",
};

export type Visit = { name: string; status: number; html: string; headers: Record<string, string> };

/**
 * Requests every indexed page and one page for each kind of failure. Sends an inquiry for the
 * receipt.
 */
export async function visitAll(site: TestSite): Promise<Visit[]> {
  const { get, sendForm } = site;
  const visits: Visit[] = [];
  const see = async (name: string, asked: request.Test) => {
    const { status, text, headers } = await asked;
    visits.push({ name, status, html: text, headers });
  };
  for (const address of await publicAddresses(site)) await see(address, get(address));
  for (const [name, address] of Object.entries(searches)) await see(name, get(address));
  await see("search without a query", get("/search"));
  const post = () => request(site.server).post("/contact");
  const sendOnly = (form: object) => post().type("form").send(form);
  await see("form with errors", sendOnly({ email: "nobody" }));
  await see("form from an article with errors", sendOnly({ from: "builder-pattern-in-java" }));
  await see("form with a question", sendForm({ email: "mette@gmial.com" }));
  await see("form with a question beside errors", sendOnly({ email: "mette@gmial.com" }));
  await see("receipt", get(`/contact/received?ref=${await postForm(site)}`));
  const location: unknown = (await sendForm({ message: "shown again" })).headers["location"];
  await see("receipt with what was sent", get(String(location)));
  await see("unknown receipt", get("/contact/received?ref=CS-0000-0000"));
  await see("no such address", get("/articles/builder-patern-java?<b>"));
  await see("unreadable address", get("/articles/%zz"));
  await see("form of another site", sendForm().set("Origin", "https://evil.example"));
  await see("wrong method", request(site.server).put("/contact"));
  await see("form that is too long", sendForm({ message: "x".repeat(300_000) }));
  await see("form that is no form", post().send({ name: "in JSON" }));

  await using broken = await buildSiteOf(files);
  broken.library.list = () => {
    throw new Error("the library is broken");
  };
  await see("failure on our side", broken.get("/articles"));

  await using strict = await buildSiteOf(files, { env: { INQUIRIES_PER_10_MINUTES: "1" } });
  await postForm(strict);
  await see("form beyond the limit", strict.sendForm({ message: "Another one." }));

  await using followed = await buildSiteOf(files);
  for (const stage of Object.keys(stages)) {
    followed.clock.now = tuesday;
    const { receipt, page } = await reachStage(followed, stage);
    await see(`receipt, ${stage}`, followed.get(receipt));
    await see(`staff page, ${stage}`, followed.get(page));
    const again = { action: "taken", seen: "0" };
    if (stage === "taken") await see("staff page, taken twice", send(followed, page, again));
  }
  const staffPage = `/staff/${"0".repeat(32)}`;
  await see("unknown staff page", get(staffPage));
  const fromElsewhere = send(site, staffPage, {}).set("Sec-Fetch-Site", "cross-site");
  await see("staff page of another site", fromElsewhere);

  const storeless = await buildSiteOf(files);
  await storeless.close();
  await see("form while the store is down", storeless.sendForm());
  const receipt = "/contact/received?ref=CS-7F3K-9QXM";
  await see("receipt while the store is down", storeless.get(receipt));
  await see("staff page while the store is down", storeless.get(staffPage));
  return visits;
}

/** Keeps the last visit of each kind of page, and every other visit. */
export function onePerKind(visits: Visit[]): Visit[] {
  return [
    ...new Map(visits.map((visit) => [matchUrl(visit.name)?.name ?? visit.name, visit])).values(),
  ];
}

/** Serves one page of each kind at its number, and the site itself. */
export async function serveKinds(site: TestSite) {
  const visits = onePerKind(await visitAll(site));
  const server = createServer((request, response) => {
    const visit = visits[Number(request.url?.slice(1) || NaN)];
    const policy = visit?.headers["content-security-policy"] ?? "";
    const headers = { "Content-Type": "text/html", "Content-Security-Policy": policy };
    if (visit) response.writeHead(200, headers).end(visit.html);
    else site.server.emit("request", request, response);
  });
  const origin = await listen(server);
  return {
    origin,
    pages: visits.map(({ name }, number) => ({ name, url: `${origin}/${number}` })),
  };
}

/**
 * Follows every link and resource, beginning at the home page, but for the plain text of a file whose
 * page it has seen. Returns the responses by URL without fragment, and the links.
 */
export async function crawl({ get, config: { siteUrl } }: TestSite) {
  const found = new Map<string, { status: number; html: string }>();
  const links: { from: string; to: URL }[] = [];
  const waiting = ["/"];
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
    if (found.has(address)) continue;
    const { status, text, type } = await get(address);
    const html = type === "text/html" ? text : "";
    found.set(address, { status, html });
    for (const link of [...attributesOf(html, "href"), ...resourcesOf(html)]) {
      const to = new URL(link, siteUrl + address);
      if (to.origin !== siteUrl || to.search === "?plain") continue;
      links.push({ from: address, to });
      waiting.push(to.pathname + to.search);
    }
  }
  return { found, links };
}
