// What a trial reads: every page that the release or the running one lists, and what these pages
// link.

import { OperatorError } from "../operator-error.ts";
import { urls } from "../urls.ts";
import { request } from "./live-check.ts";

/**
 * How long a page may take, in milliseconds. After that a visitor leaves, while nginx still holds a
 * connection.
 */
const maxPageMs = 2_000;

const all = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, part = ""]) => part.replaceAll("&amp;", "&"));
const textIn = (html: string) =>
  (/<main[^]*<\/main>/.exec(html)?.[0] ?? "").replace(/<[^>]*>|\s/g, "").length;
const styleIn = (html: string) => all(html, /<style[^>]*>([^]*?)<\/style>/g).join("").length;
const linksIn = (html: string) => all(html, / href="(\/[^"#]*)/g);

async function listedAt(site: URL): Promise<string[]> {
  const { text } = await request(site, urls.sitemap, 200);
  const pages = all(text, /<loc>https?:\/\/[^/<]*([^<]*)/g);
  if (pages.length === 0) throw new OperatorError(`${urls.sitemap} lists no pages`);
  return pages;
}

/**
 * Visits every page. Throws if one fails, is slow, hides from search engines or is a feed that no
 * program can read. `lost` has what visitors of the running release would miss, if there is one.
 */
export async function comparePages(runningSite: URL | undefined, site: URL) {
  const lost: string[] = [];
  const listed = await listedAt(site);
  const before = runningSite ? await listedAt(runningSite) : listed;
  const known = new Set([...before, "/unknown-address"]); // an article may have a dead link
  const addresses = new Set([...known, ...listed, `${urls.search}?q=a`]);
  for (const address of addresses) {
    const old = runningSite && (await request(runningSite, address));
    const { status, text, headers } = await requestFast(site, address);
    if (status >= 500)
      throw new OperatorError(`this release responds to ${address} with ${status}`);
    if (status === 200 && listed.includes(address) && isHidden(text, headers))
      throw new OperatorError(`${address} is in the sitemap, and tells search engines: noindex`);
    if (status === 200 && /\bxml\b/.test(headers.get("content-type") ?? "")) {
      const fault = xmlFault(text);
      if (fault) throw new OperatorError(`${address} is no valid XML: ${fault}`);
    }
    // An error page is no measure: the Markdown of an article that the running release lacks has no
    // <main>.
    const isLess = (size: (html: string) => number) =>
      old?.status === 200 && size(text) * 2 < size(old.text);
    const wasSo = known.has(address) && (!old || status === old.status);
    if (status >= 400 && !wasSo) lost.push(`${address} (${status})`);
    else if (status === 200 && isLess(textIn)) lost.push(`${address} (text)`);
    else if (status === 200 && isLess(styleIn)) lost.push(`${address} (style)`);
    for (const link of linksIn(old?.text ?? "")) known.add(link);
    for (const link of linksIn(text)) addresses.add(link); // the loop visits new addresses too
  }
  const { text: robots } = await request(site, urls.robots);
  if (/^Disallow: *\/ *$/im.test(robots))
    throw new OperatorError(`${urls.robots} forbids search engines every page`);
  return { count: addresses.size, lost };
}

/**
 * Requests a page, and again if it was slow, because that may be the machine's fault. The second
 * time has a query, which keeps the page cache out.
 */
async function requestFast(site: URL, address: string) {
  const start = performance.now();
  const response = await request(site, address);
  if (performance.now() - start <= maxPageMs) return response;
  const again = performance.now();
  await request(site, `${address}${address.includes("?") ? "&" : "?"}trial=again`);
  const ms = performance.now() - again;
  if (ms > maxPageMs)
    throw new OperatorError(
      `this release needs ${(ms / 1_000).toFixed(1)} s for ${address}, twice`,
    );
  return response;
}

const isHidden = (html: string, headers: Headers) =>
  /noindex/i.test(headers.get("x-robots-tag") ?? "") ||
  /<meta name="robots"[^>]*noindex/i.test(html);

/**
 * Returns what is wrong with XML that a template can break: whether elements are closed in order,
 * and "&" begins an entity.
 */
export function xmlFault(xml: string): string | undefined {
  const text = xml.replace(/<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|<\?[^]*?\?>/g, "");
  const [loose] = /&(?!#\d+;|#x[\da-f]+;|\w+;).{0,20}/i.exec(text) ?? [];
  if (loose) return `a bare & in "${loose}"`;
  const open: string[] = [];
  for (const [tag, slash, name = "", isEmpty] of text.matchAll(
    /<(\/?)([^\s/>]+)(?:\s+[^\s=]+="[^"<]*")*\s*(\/?)>/g,
  ))
    if (!slash && !isEmpty) open.push(name);
    else if (slash && open.pop() !== name) return `${tag} closes another element`;
  if (open.length > 0) return `<${open.at(-1)}> is not closed`;
  const rest = text.replace(/<(\/?)([^\s/>]+)(?:\s+[^\s=]+="[^"<]*")*\s*(\/?)>/g, "");
  const [wrong] = /<.{0,20}/.exec(rest) ?? [];
  if (wrong) return `"${wrong}" is no element`;
  return /<[a-z]/i.test(text) ? undefined : "it has no element";
}
