// Draws the article's figures from the stored outputs with this site's drawing module: node figure.mjs

import { barChart, lineChart, readOutput, write } from "../figure.mjs";

/** The lines of a curve, by the names of its columns. */
function curve(work) {
  const [head, ...lines] = readOutput(import.meta.dirname, `output-${work}.txt`)
    .split("\n")
    .filter((line) => /^ *(pool|\d)/.test(line))
    .map((line) => line.trim().split(/ {2,}/));
  return lines.map((line) => Object.fromEntries(head.map((column, index) => [column, Number(line[index])])));
}

const rows = curve("report").map((line) => ({
  label: line.pool === 1 ? "1 connection" : `${line.pool} connections`,
  text: `${Math.round(line.waited)} ms in the pool, ${Math.round(line.ready)} ms for a CPU`,
  parts: [
    { value: line.waited, tone: "bar" },
    { value: line.ready, tone: "hot" },
    { value: line.held - line.ready, tone: "ink" },
  ].filter((part) => part.value > 0.5),
}));
write(
  "every-query-is-fast-and-the-database-is-slow-wait.svg",
  barChart({
    title: "Where a request waits, by the size of the pool",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    key: [
      ["bar", "in the pool’s queue"],
      ["hot", "connected, without a CPU"],
      ["ink", "the rest"],
    ],
    x: { max: 185 },
    rows,
  }),
  { small: "every-query-is-fast-and-the-database-is-slow" },
);

const lines = Object.entries({
  report: { label: "query, no index", tone: "hot", labelAt: [1.15, 72], anchor: "start" },
  insert: { label: "commit", tone: "ink", labelAt: [4.5, 40], anchor: "start" },
  "call-inside": { label: "HTTP call inside", tone: "bar", labelAt: [75, 14] },
}).map(([work, line]) => {
  const points = curve(work).map((at) => [at.pool, at["done/s"]]);
  const most = Math.max(...points.map(([, done]) => done));
  return { ...line, dots: true, points: points.map(([size, done]) => [size, (100 * done) / most]) };
});
write(
  "every-query-is-fast-and-the-database-is-slow-curve.svg",
  lineChart({
    title: "Requests done by the size of the pool, for three kinds of work",
    description: lines.map(({ label, points }) => `${label}: ${points.map(([size, share]) => `${Math.round(share)}% with ${size}`).join(", ")}`).join(". "),
    x: { min: 1, max: 100, ticks: [1, 4, 10, 30, 100], log: true, format: (size) => (size === 1 ? "1 connection" : `${size}`) },
    y: { min: 0, max: 100, ticks: [0, 25, 50, 75, 100], format: (share) => `${share}%` },
    lines,
  }),
);
