// Renders a page: its view inside the layout. Views use only the values and functions passed here.

import { isPublic, modifiedAt, repairBars, type Article } from "../articles/article.ts";
import { escapeText, withBreaks } from "../articles/html.ts";
import { bodyFacts, readingClock, type Outline } from "../articles/body-facts.ts";
import {
  longDate,
  sharedHours,
  sharedSpans,
  shortDateTime,
  utcOffset,
  utcSpans,
} from "../calendar.ts";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import {
  kinds,
  fields,
  hiddenFields,
  fieldHint,
  questions,
  storedAnswer,
} from "../inquiries/form.ts";
import { authorHref, href, receiptHref, urls } from "../urls.ts";
import { view } from "../views.ts";
import type { Assets } from "./assets.ts";
import type { ShowPage, SiteParts } from "./routing.ts";
import { contactHref, fixedPages, numberWord, type Page } from "./pages.ts";
import { loadWords } from "./words.ts";

export function createRenderer(parts: SiteParts, assets: Assets) {
  const { siteUrl } = parts.config;
  const helpers = { ...createHelpers(parts), asset: assets.url, contactHref };
  const site = collectFacts(parts);
  const forAll = { ...helpers, site, words: loadWords(), fixedPages, colours };
  const logo = assets.url("images/mark.svg");
  const siteImage = assets.url("images/sharing/home.png");

  /** Renders what stands between the header and the footer. */
  const contentOf = (page: Page): string => {
    const data = { ...forAll, chosen: parts.library.chosen(), page };
    const content = view(page.view)({ ...data, ...page.data });
    // A view without a heading is only text, so it gets the heading and the frame of a plain page.
    return content.includes("<h1") ? content : view("partials/plain-page")({ ...data, content });
  };

  const render = (page: Page): string => {
    const { path, article } = page;
    const about = {
      ...page,
      fullTitle: fullTitle(page),
      address: path && siteUrl + path,
      image: siteUrl + (article ? href("sharingImage", { slug: article.slug }) : siteImage),
      structuredData: structuredData(page, siteUrl, logo),
    };
    const content = contentOf(about);
    const css = page.view === "pages/article" ? assets.css.article : assets.css.page;
    return view("layout")({ ...forAll, page: about, content, css });
  };

  const show: ShowPage = (response, status, page, caching) => {
    parts.send(response, { status, body: render(page), type: "html", caching });
  };
  return { show, contentOf };
}

function collectFacts({ config, optionalFacts }: SiteParts) {
  const { contactEmail, contactPhone, siteUrl, retentionDays, development } = config;
  return {
    company: { ...company, ...optionalFacts },
    contactEmail,
    contactPhone,
    siteUrl,
    retentionDays,
    replyTime: describeReplyTime(config.replyWithinWorkingDays),
    development,
  };
}

function createHelpers({ library, clock }: SiteParts) {
  const zone = company.headOffice.timeZone;
  return {
    listArticles: () => library.list(clock()),
    listTopics: () => library.topics(clock()),
    people: library.people,
    findArticle: (slug: string) => library.find(slug, clock()),
    readOutline: (article: Article) => bodyFacts(article).outline,
    outlineBars,
    image: library.image,
    repairBars,
    longDate: (instant: Date) => longDate(instant, zone),
    hiddenReason: (article: Article) => {
      if (article.draft) return "Draft";
      const time = shortDateTime(article.publishedAt, zone);
      return isPublic(article, clock()) ? "" : `Scheduled for ${time}`;
    },
    firstSentence,
    plural,
    withWordBreaks,
    href,
    authorHref,
    receiptHref,
    /** Joins a list: "a, b and c". */
    listed: (items: string[]) => new Intl.ListFormat("en-GB").format(items),
    numberWord,
    fields,
    storedAnswer,
    questions,
    hiddenFields,
    kinds,
    fieldHint,
    clockHour,
    sharedHours,
    sharedSpans,
    utcOffset,
    utcSpans,
  };
}

/** Writes JSON-LD in which "<" is escaped, so that no text can close the script element. */
const asJsonLd = (thing: object) =>
  JSON.stringify({ "@context": "https://schema.org", ...thing }).replace(/</g, "\\u003c");

/**
 * Returns what a page says to search engines about the company or its article, as Google documents
 * it for an organization and an article of schema.org.
 */
function structuredData({ path, article }: Page, siteUrl: string, logo: string) {
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

function describeReplyTime(workingDays: number | undefined): string | undefined {
  if (workingDays === undefined) return undefined;
  return workingDays === 1
    ? "by the end of the next working day"
    : `within ${workingDays} working days`;
}

/**
 * Returns the first sentence of a description, and further ones until there are forty characters.
 */
const firstSentence = ({ description }: Article): string =>
  /^.{40,}?[.?!](?= |$)/.exec(description)?.[0] ?? description;

/** Writes a full hour: "08:00" for 8. */
const clockHour = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

const plural = (count: number, one: string) => (count === 1 ? `one ${one}` : `${count} ${one}s`);

function fullTitle({ title }: Page): string {
  if (title.includes(company.shortName)) return title;
  const withSuffix = `${title.replace(/\.$/, "")} · ${company.shortName}`;
  return withSuffix.length <= 60 ? withSuffix : title;
}

/** Escapes a text so that long names in it may break, and no line begins with a dash. */
const withWordBreaks = (text: string): string =>
  withBreaks(escapeText(text), 20).replaceAll(" —", "&nbsp;—");

/**
 * Returns where the bar of each section begins and how wide it is. Both are percentages, so the SVG
 * needs neither a style nor a script.
 */
function outlineBars({ sections, words }: Outline) {
  const percent = (count: number) => Math.round((count / (words || 1)) * 1000) / 10;
  let before = 0;
  return sections.map((section) => {
    const [left, startsAt] = [percent(before), readingClock(before)];
    before += section.words;
    return { ...section, startsAt, left, width: percent(section.words) };
  });
}
