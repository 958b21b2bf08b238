// Draws the figures of the article from output.txt and output-pool.txt with the site's drawing module: node figure.mjs

import { barChart, lineChart, readOutput, write } from "../figure.mjs";

const pools = readOutput(import.meta.dirname, "output-pool.txt").split("\n\n")[0];
const rows = [...pools.matchAll(/^(\d+ places?|\d+, by the formula|no bound) +(\d+) +(\d+) +(\d+) /gm)].map(([, label, ...counts]) => {
  const [refused, inTime, late] = counts.map(Number);
  const parts = [
    { value: refused, tone: "line" },
    { value: inTime, tone: "bar" },
    { value: late, tone: "hot" },
  ];
  return { label: label.replace(", by the formula", " places"), parts: parts.flatMap((part) => (part.value > 0 ? { ...part, text: part.value < 500 ? "" : part.value.toLocaleString("en") } : [])) };
});

write(
  "how-long-may-a-queue-be-pool.svg",
  barChart({
    title: "What became of 4,800 requests, by the length of the queue",
    description: rows.map(({ label, parts }) => `${label}: ${parts.map(({ value, tone }) => `${value} ${{ line: "refused", bar: "in time", hot: "too late" }[tone]}`).join(", ")}`).join(". "),
    x: { max: 4800 },
    beside: true,
    rows,
  }),
);

const steady = readOutput(import.meta.dirname, "output.txt").split("\n2. ")[0];
const waits = [...steady.matchAll(/^ *(\d+) % +(\d+) +[\d.]+ % +(\d+) ms +(\d+) ms$/gm)].map((match) => match.slice(1).map(Number));
const points = (places, column) => waits.filter(([load, length]) => length === places && load < 100).map((row) => [row[0], row[column]]);

write(
  "how-long-may-a-queue-be-wait.svg",
  lineChart({
    title: "Waiting time against load",
    description: `99th percentile with 1,000 places: ${points(1000, 3).map(([load, ms]) => `${ms} ms at ${load}%`).join(", ")}`,
    x: { min: 50, max: 96, ticks: [50, 60, 70, 80, 90], format: (load) => `${load}%` },
    y: { min: 0, max: 900, ticks: [0, 300, 600, 900], format: (ms) => `${ms} ms` },
    lines: [
      { label: "99th percentile, 1,000 places", tone: "hot", dots: true, points: points(1000, 3), labelAt: [88, 600] },
      { label: "99th percentile, 20 places", tone: "bar", dots: true, points: points(20, 3), labelAt: [79, 225] },
      { label: "mean, 1,000 places", tone: "ink", dots: true, points: points(1000, 2), labelAt: [79, 62] },
    ],
  }),
);
