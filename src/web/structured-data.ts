// What the site says of itself to search engines: schema.org as JSON-LD (https://schema.org/docs/full.html). Only what the pages say too.

import { modifiedAt, type Article } from "../articles/article.ts";
import { company } from "../company.ts";

/** The text of a script element that holds data; nothing in it can end the element. */
export function asJsonLd(facts: object[]): string {
  return JSON.stringify({ "@context": "https://schema.org", "@graph": facts }).replace(/</g, "\\u003c");
}

export function siteFacts(siteUrl: string, logo: string): object[] {
  const address = company.offices.map(({ street, place, countryCode }) => {
    const [, postalCode, addressLocality] = /^(\d+) (.+)$/.exec(place) ?? [];
    return { "@type": "PostalAddress", streetAddress: street, postalCode, addressLocality, addressCountry: countryCode };
  });
  const target = { "@type": "EntryPoint", urlTemplate: `${siteUrl}/search?q={search_term_string}` };
  const search = { "@type": "SearchAction", target, "query-input": "required name=search_term_string" };
  return [
    { "@type": "Organization", "@id": `${siteUrl}/#organization`, name: company.name, url: `${siteUrl}/`, logo: siteUrl + logo, address },
    { "@type": "WebSite", name: company.name, url: `${siteUrl}/`, potentialAction: search },
  ];
}

export function articleFacts(siteUrl: string, article: Article, image: string): object[] {
  const url = `${siteUrl}/articles/${article.slug}`;
  const { author, outline, topics } = article;
  const isCompany = author.name === company.name;
  const publisher = { "@type": "Organization", "@id": `${siteUrl}/#organization`, name: company.name, url: `${siteUrl}/` };
  const steps: [name: string, item: string][] = [
    ["Articles", `${siteUrl}/articles`],
    ...topics.slice(0, 1).map(({ name, slug }): [string, string] => [name, `${siteUrl}/topics/${slug}`]),
    [article.title, url],
  ];
  return [
    {
      "@type": "BlogPosting",
      headline: article.title,
      description: article.description,
      url,
      mainEntityOfPage: url,
      datePublished: article.publishedAt.toISOString(),
      dateModified: modifiedAt(article).toISOString(),
      author: isCompany
        ? publisher
        : { "@type": "Person", name: author.name, jobTitle: author.role, url: `${siteUrl}/authors/${author.key}` },
      publisher,
      image,
      inLanguage: "en",
      wordCount: outline.words,
      timeRequired: `PT${outline.readingMinutes}M`,
      articleSection: topics.map(({ name }) => name),
    },
    {
      "@type": "BreadcrumbList",
      itemListElement: steps.map(([name, item], index) => ({ "@type": "ListItem", position: index + 1, name, item })),
    },
  ];
}
