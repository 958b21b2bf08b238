// What a page says to search engines about the company and an article, as JSON-LD.

import { modifiedAt } from "../articles/article.ts";
import { company } from "../company.ts";
import { authorHref, href, urls } from "../urls.ts";
import type { Page } from "./pages.ts";

/** No text can close the script element: "<" is escaped. */
const asJsonLd = (thing: object) =>
  JSON.stringify({ "@context": "https://schema.org", ...thing }).replace(/</g, "\\u003c");

/** What Google documents for an organization and for an article (schema.org). */
export function structuredData({ path, article }: Page, siteUrl: string, logo: string) {
  const organization = { "@type": "Organization", name: company.name, url: siteUrl };
  if (path === urls.home) return asJsonLd({ ...organization, logo: siteUrl + logo });
  if (!article) return undefined;
  const { slug, title, author } = article;
  const page = authorHref(author);
  const person = { "@type": "Person", name: author.name, ...(page && { url: siteUrl + page }) };
  return asJsonLd({
    "@type": "BlogPosting",
    headline: title,
    datePublished: article.publishedAt.toISOString(),
    dateModified: modifiedAt(article).toISOString(),
    author: author.role ? person : organization,
    image: siteUrl + href("sharingImage", { slug }),
  });
}
