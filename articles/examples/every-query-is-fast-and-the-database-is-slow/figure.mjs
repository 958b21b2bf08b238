// Draws the article's figure from the stored output with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

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
);
