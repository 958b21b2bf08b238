// Structured data for search engines: schema.org vocabulary as JSON-LD. It contains nothing that the pages do not show.

import type { BlogPosting, BreadcrumbList, Graph, Organization, Person, Thing } from "schema-dts";
import { modifiedAt, type Article, type Author } from "../articles/article.ts";
import { company } from "../company.ts";

/** Returns JSON-LD for a script element, with "<" escaped, so that no text can close the element. */
export function asJsonLd(things: Thing[]): string {
  const graph: Graph = { "@context": "https://schema.org", "@graph": things };
  return JSON.stringify(graph).replace(/</g, "\\u003c");
}

const organizationOf = (siteUrl: string) =>
  ({
    "@type": "Organization",
    "@id": `${siteUrl}/#organization`,
    name: company.name,
    url: `${siteUrl}/`,
  }) satisfies Organization;

/** Describes the company and the site, for the home page. `logo` is a path. */
export function siteThings(siteUrl: string, logo: string): Thing[] {
  const address = company.offices.map(
    ({ street, postalCode, town, countryCode }) =>
      ({
        "@type": "PostalAddress",
        streetAddress: street,
        postalCode,
        addressLocality: town,
        addressCountry: countryCode,
      }) as const,
  );
  return [
    { ...organizationOf(siteUrl), logo: siteUrl + logo, address },
    { "@type": "WebSite", name: company.name, url: `${siteUrl}/` },
  ];
}

const personOf = (siteUrl: string, { key, name, role }: Author) =>
  ({
    "@type": "Person",
    name,
    url: `${siteUrl}/authors/${key}`,
    ...(role ? { jobTitle: role } : {}),
  }) satisfies Person;

/** Describes an article and its breadcrumbs. `image` is the absolute URL of its sharing image. */
export function articleThings(siteUrl: string, article: Article, image: string): Thing[] {
  const url = `${siteUrl}/articles/${article.slug}`;
  const { author, topics } = article;
  const { outline } = article.readBody();
  const publisher = organizationOf(siteUrl);
  const posting: BlogPosting = {
    "@type": "BlogPosting",
    headline: article.title,
    description: article.description,
    url,
    mainEntityOfPage: url,
    datePublished: article.publishedAt.toISOString(),
    dateModified: modifiedAt(article).toISOString(),
    author: author.name === company.name ? publisher : personOf(siteUrl, author),
    publisher,
    image,
    inLanguage: "en",
    wordCount: outline.words,
    timeRequired: `PT${outline.readingMinutes}M`,
    articleSection: topics.map(({ name }) => name),
  };
  const steps = [
    { name: "Articles", item: `${siteUrl}/articles` },
    ...topics.slice(0, 1).map(({ name, slug }) => ({ name, item: `${siteUrl}/topics/${slug}` })),
    { name: article.title, item: url },
  ];
  const breadcrumbs: BreadcrumbList = {
    "@type": "BreadcrumbList",
    itemListElement: steps.map(
      (step, index) => ({ "@type": "ListItem", position: index + 1, ...step }) as const,
    ),
  };
  return [posting, breadcrumbs];
}
