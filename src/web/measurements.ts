// What was measured on this site, for the page "How this site is built". docs/testing.md says how to measure it again. The figures of
// `benchmarks` are also in docs/benchmarks.md, and test/documentation.test.ts compares them.

/** A figure that `npm run -s bench` prints. */
export type Benchmark = {
  /** What was measured, in the words of the page. */
  what: string;
  /** The label of the value in docs/benchmarks.md. */
  printedAs: string;
  value: number;
  /** A ratio has none. */
  unit?: string;
  goal?: { atMost: number } | { atLeast: number };
  /** Shown if the goal is missed. */
  whyMissed?: string;
};

/** Where everything was measured. */
export const machine = "two shared cores of an AMD EPYC server, with Node 26.10";

export const crashTest = {
  command: "npm run test:chaos",
  measuredOn: "26 November 2026",
  inquiries: 1_000,
  kills: 100,
  seconds: 220,
  lost: 0,
  mailedTwice: 3,
};

export const simulation = {
  command: "npm run test:simulate",
  measuredOn: "25 November 2026",
  seeds: 3_000,
  crashes: 7_079,
  mails: 18_562,
  plantedFaults: 7,
  foundFaults: 7,
};

export const soak = {
  command: "npm run test:soak -- --seconds 80",
  measuredOn: "26 November 2026",
  responses: 6_078, // with status 200 or 304
  serverErrors: 0,
  inquiries: 194,
  lost: 0,
  memoryEarlyMB: 179,
  memoryLateMB: 197,
  descriptorsEarly: 38,
  descriptorsLate: 38,
};

export const bench = { command: "npm run -s bench", measuredOn: "26 November 2026" };

export const articleWeight = {
  what: "HTML and CSS of an article of 1,200 words, compressed",
  printedAs: "HTML and CSS, brotli, bytes",
  value: 11_348,
  unit: "bytes",
  goal: { atMost: 13_000 },
};

export const fontWeight = {
  what: "Fonts of a first visit",
  printedAs: "fonts, KB",
  value: 50.8,
  unit: "KB",
  goal: { atMost: 55 },
};

export const benchmarks: Benchmark[] = [
  {
    what: "Processor time for one article page from the cache",
    printedAs: "CPU per cached article page, µs",
    value: 23.3,
    unit: "µs",
  },
  {
    what: "Processor time per page: a bare Node server that sends one prepared response ÷ ours",
    printedAs: "cached article page, CPU of bare node:http ÷ CPU of the site",
    value: 0.83,
    goal: { atLeast: 0.85 },
    whyMissed:
      "Other programs share this machine: the ratio was 0.91 a day earlier, and between 0.47 and 1.39 in one run.",
  },
  {
    what: "Processor time per page: an app that renders and compresses it for each request ÷ ours",
    printedAs: "cached article page, CPU of the EJS app ÷ CPU of the site",
    value: 56,
    goal: { atLeast: 40 },
  },
  {
    what: "Processor time per visit (page, two fonts, icon): ours ÷ nginx",
    printedAs: "whole visit, CPU of the site ÷ CPU of nginx",
    value: 1.7,
    goal: { atMost: 2 },
  },
  {
    what: "First text of an article at 400 kbit/s and 400 ms latency",
    printedAs: "first text, s",
    value: 1.49,
    unit: "s",
    goal: { atMost: 2 },
  },
  articleWeight,
  fontWeight,
  {
    what: "Slowest first request of any page after an article was saved",
    printedAs: "12 articles: slowest first request after a save, ms",
    value: 9,
    unit: "ms",
    goal: { atMost: 50 },
  },
  {
    what: "Slowest first request of any page after a start",
    printedAs: "12 articles: slowest first request after a start, ms",
    value: 30,
    unit: "ms",
    goal: { atMost: 50 },
  },
  {
    what: "From the start until the site listens, with 12 articles",
    printedAs: "12 articles: listening, ms",
    value: 613,
    unit: "ms",
  },
  {
    what: "From the start until the site listens, with 500 articles ÷ with 12",
    printedAs: "listening, 500 articles ÷ 12",
    value: 1.46,
    goal: { atMost: 1.5 },
  },
  {
    what: "Memory after every kind of page was requested",
    printedAs: "12 articles: RSS, MB",
    value: 172,
    unit: "MB",
    goal: { atMost: 200 },
  },
  {
    what: "Inquiries that one core stores in a second, each on disk before its receipt",
    printedAs: "durable posts a second",
    value: 1_059,
    goal: { atLeast: 3_000 },
    whyMissed:
      "Each inquiry has a commit of its own. One commit for all that arrive together was faster. We removed it, because this site does not get that many inquiries.",
  },
];

/** Compressed bytes of HTML and CSS. The benchmark `first-visit` prints them, labelled with `page`. */
export const pageWeights: { name: string; page: string; bytes: number }[] = [
  { name: "Largest article", page: "the largest article", bytes: 14_451 },
  { name: "This page", page: "/how-this-site-is-built", bytes: 9_938 },
  { name: "List of articles", page: "/articles", bytes: 8_260 },
  { name: "Home", page: "/", bytes: 7_854 },
  { name: "Form", page: "/contact", bytes: 6_637 },
];

/** Whether a figure has a goal and does not meet it. */
export function isMissed({ value, goal }: Benchmark): boolean {
  if (!goal) return false;
  return "atMost" in goal ? value > goal.atMost : value < goal.atLeast;
}
