// What a page says to search engines about the company and an article, as JSON-LD.

import { modifiedAt } from "../articles/article.ts";
import { company } from "../company.ts";
import { authorHref, href, urls } from "../urls.ts";
import type { Page } from "./pages.ts";

/** What Google documents for an organization and for an article (schema.org). */
export function buildStructuredData({ path, article }: Page, siteUrl: string, logo: string) {
  const organization = { "@type": "Organization", name: company.name, url: siteUrl };
  if (path === urls.home) return { ...organization, logo: siteUrl + logo };
  if (!article) return undefined;
  const { slug, title, author } = article;
  const page = authorHref(author);
  const person = { "@type": "Person", name: author.name, ...(page && { url: siteUrl + page }) };
  return {
    "@type": "BlogPosting",
    headline: title,
    datePublished: article.publishedAt.toISOString(),
    dateModified: modifiedAt(article).toISOString(),
    author: author.role ? person : organization,
    image: siteUrl + href("sharingImage", { slug }),
  };
}

/** No text can close the script element: "<" is escaped. */
export function asJsonLd(thing: object): string {
  return JSON.stringify({ "@context": "https://schema.org", ...thing }).replace(/</g, "\\u003c");
}
