// Where things begin on a page, in two engines at three widths: how to ask, and what it costs, on the
// first screen of the home page, the first article of a list, the first sentence of an article, and
// whole outputs.

import { launchChromium, launchFirefox } from "../support/engines.ts";
import { buildTestSite } from "../support/site.ts";
import { publicAddresses } from "../support/visits.ts";

/** Files of examples, which are not in the sitemap: a program, a table and prose. */
const exampleFiles = [
  "retries-multiply/examples/Retries.java",
  "retries-multiply/examples/output.txt",
  "taking-over-a-backend/examples/what-we-know.markdown",
].map((file) => `/articles/${file}`);

type Measured = {
  header: number;
  /** The height of the header with text of 200 %. */
  doubled: number;
  overflow: number;
  /** The end of the lines on the home page that say how to ask, and that asking is free. */
  ask: number;
  edges: number[];
  row: number;
  email: number;
  title: string;
  /** The number that an article opens with. */
  finding: number;
  paragraph: number;
  cut: string[];
};

/** In pixels from the top of the page, 0 for what it lacks. Asking for a height begins to load fonts. */
const measure = `(document.body.offsetHeight, document.fonts.ready).then(() => {
  const boxes = (selector) => Array.from(document.querySelectorAll(selector), (one) => one.getBoundingClientRect());
  const top = (selector) => boxes(selector)[0]?.top + scrollY || 0;
  const strips = boxes(".strip");
  const { style } = document.documentElement;
  style.fontSize = "200%";
  const doubled = boxes(".site-header")[0].height;
  style.fontSize = "";
  return {
    header: boxes(".site-header")[0].bottom,
    doubled,
    overflow: document.scrollingElement.scrollWidth - document.documentElement.clientWidth,
    ask: boxes(".hero .actions")[0]?.bottom ?? 0,
    edges: strips.flatMap(({ left, right }) => [left, document.documentElement.clientWidth - right]),
    row: top(".list-head + * .article-list li"),
    email: top("main a[href^='mailto:']"),
    title: document.querySelector("h1").textContent,
    finding: boxes(".proof .finding b")[0]?.bottom ?? 0,
    paragraph: top("header:has(.standfirst) + .body > .prose:not(.file) > p"),
    cut: Array.from(document.querySelectorAll(".article .code"))
      .filter((block) => block.scrollWidth > block.clientWidth)
      .map((block) => block.getAttribute("aria-label")),
  };
})`;

const screens = [
  { width: 360, height: 740 },
  { width: 820, height: 900 },
  { width: 1440, height: 900 },
];

/** Returns what is lower on a page than it may be. */
function faultsOf(address: string, { width, height }: (typeof screens)[number], found: Measured) {
  const isWide = width === 1440;
  const isShort = found.title.length <= 50;
  const limits: [what: keyof Measured, limit: number][] = [
    ["header", width === 360 ? 140 : 100],
    ["doubled", height / 3],
    ["overflow", 0],
    ["row", isWide ? 420 : 520],
    ["finding", 640],
    ["paragraph", isShort && found.finding === 0 ? (isWide ? 560 : 640) : height - 1],
  ];
  if (address === "/" && width === 360) limits.push(["ask", height]);
  if (address === "/contact" && width === 360) limits.push(["email", 560]);
  const low = limits.flatMap(([what, limit]) =>
    Number(found[what]) > limit ? `${what} ${Math.round(Number(found[what]))} > ${limit}` : [],
  );
  const inside = found.edges.filter((distance) => distance > 0).map((px) => `strip ${px} inside`);
  const cut =
    isWide && !address.includes("/examples") ? found.cut.map((name) => `cut ${name}`) : [];
  return [...low, ...inside, ...cut].map((fault) => `${address} at ${width}: ${fault}`);
}

const site = await buildTestSite({ now: new Date("2026-12-01T10:00:00Z") });
test.each([
  ["Chromium", launchChromium],
  ["Firefox", launchFirefox],
])(
  "in %s every page begins with what it is about",
  async (_name, launch) => {
    const engine = await launch();
    const faults: string[] = [];
    const kinds = new Set<string>();
    for (const address of [...(await publicAddresses(site)), ...exampleFiles]) {
      await engine.open(site.origin + address);
      for (const screen of screens) {
        await engine.resize(screen.width, screen.height);
        const found = await engine.evaluate<Measured>(measure);
        if (found.row > 0) kinds.add("list");
        if (found.paragraph > 0) kinds.add("article");
        if (found.edges.length === 4) kinds.add("home");
        faults.push(...faultsOf(address, screen, found));
      }
    }
    expect([...kinds].toSorted()).toEqual(["article", "home", "list"]);
    expect(faults).toEqual([]);
  },
  600_000,
);
