// Structured data for search engines: what the pages show, in schema.org vocabulary as JSON-LD.

import { isCompany, modifiedAt, type Article } from "../articles/article.ts";
import { bodyFacts } from "../articles/body-facts.ts";
import { company } from "../company.ts";
import { articlePath, authorPath } from "../urls.ts";

/** Returns JSON-LD for a script element, with "<" escaped: no text can close the element. */
export function asJsonLd(thing: object): string {
  return JSON.stringify({ "@context": "https://schema.org", ...thing }).replace(/</g, "\\u003c");
}

const organization = (siteUrl: string) => ({
  "@type": "Organization",
  "@id": `${siteUrl}/#organization`,
  name: company.name,
  url: `${siteUrl}/`,
});

/** Describes the company, for the home page. `logo` is a path. */
export function companyData(siteUrl: string, logo: string): object {
  const address = company.offices.map(({ street, postalCode, town, countryCode }) => ({
    "@type": "PostalAddress",
    streetAddress: street,
    postalCode,
    addressLocality: town,
    addressCountry: countryCode,
  }));
  return { ...organization(siteUrl), logo: siteUrl + logo, address };
}

/** Describes an article. `image` is the absolute URL of its sharing image. */
export function articleData(siteUrl: string, article: Article, image: string): object {
  const { title, description, author, publishedAt } = article;
  const { key, name, role } = author;
  const person = { "@type": "Person", name, url: siteUrl + authorPath(key), jobTitle: role };
  return {
    "@type": "BlogPosting",
    headline: title,
    description,
    url: siteUrl + articlePath(article.slug),
    datePublished: publishedAt.toISOString(),
    dateModified: modifiedAt(article).toISOString(),
    author: isCompany(author) ? organization(siteUrl) : person,
    publisher: organization(siteUrl),
    image,
    inLanguage: "en",
    wordCount: bodyFacts(article).outline.words,
  };
}
