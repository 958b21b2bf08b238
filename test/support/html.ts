// Reads the HTML of the site's own pages, which html-validate has checked and which have every
// attribute in double quotes.

type Attributes = Record<string, string>;
type Element = { tag: string; attributes: Attributes };

/** The elements by page: some tests ask ten questions about each, and reading is slow. */
const read = new Map<string, Element[]>();

/** Returns every element of a page in document order, without comments and the style sheet. */
const elementsOf = (html: string): Element[] => read.getOrInsertComputed(html, readElements);

function readElements(html: string): Element[] {
  const markup = html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/(<style[^>]*>)[\s\S]*?<\/style>/g, "$1");
  const elements = markup.matchAll(/<([a-z][a-z0-9-]*)((?:[^<>"]|"[^"]*")*)>/gi);
  return Array.from(elements, ([, tag = "", rest = ""]) => {
    const attributes = Array.from(
      rest.matchAll(/([^\s="/]+)(?:="([^"]*)")?/g),
      ([, name = "", value = ""]) => [name.toLowerCase(), decode(value)] as const,
    );
    return { tag: tag.toLowerCase(), attributes: Object.fromEntries(attributes) };
  });
}

/** Returns the attributes of each element of one kind, for instance `elementsNamed(html, "a")`. */
export function elementsNamed(html: string, tag: string): Attributes[] {
  const found = elementsOf(html).filter((element) => element.tag === tag);
  return found.map(({ attributes }) => attributes);
}

/** Returns a page without its style sheet, so that a failing test prints only the page. */
export function pageOf({ text }: { text: string }): string {
  return text.replace(/<style>[\s\S]*?<\/style>/, "");
}

/** Returns the words of a page or of a part of it as a visitor reads them, without line breaks. */
export function textOf(html: string): string {
  const words = pageOf({ text: html })
    .replace(/^[\s\S]*<body>/, "")
    .replace(/<[^>]+>/g, " ");
  return decode(words).replace(/\s+/g, " ").trim();
}

/** Returns the text between the header and the footer of a page, without its tags. */
export const mainTextOf = (html: string): string =>
  /<main[\s\S]*<\/main>/
    .exec(html)?.[0]
    .replace(/<[^>]*>/g, "")
    .replace(/\s+/g, " ") ?? "";

/** Returns the text of the title element. */
export function titleOf(html: string): string {
  return decode(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? "");
}

/** Returns the content of `<meta name="…">`. */
export function metaOf(html: string, name: string): string | undefined {
  return elementsNamed(html, "meta").find((meta) => meta["name"] === name)?.["content"];
}

/**
 * Returns the text of the inline style element, which is hashed for the Content-Security-Policy.
 */
export function inlineStyleOf(html: string): string {
  return /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
}

/** Returns the value of every attribute of that name, in document order. */
export function attributesOf(html: string, name: string): string[] {
  return elementsOf(html).flatMap(({ attributes }) => attributes[name] ?? []);
}

/** Returns the URLs that a browser loads without a click. */
export function resourcesOf(html: string): string[] {
  const linked = elementsNamed(html, "link")
    .filter(({ rel }) => rel !== "canonical")
    .map(({ href = "" }) => href);
  const style = inlineStyleOf(html).matchAll(/url\("?([^")]+)"?\)/g);
  const inStyle = Array.from(style, ([, address = ""]) => address);
  return [...linked, ...attributesOf(html, "src"), ...inStyle];
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

export function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text
    .replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&([a-z]+);/g, (whole, name: string) => named[name] ?? whole);
}
