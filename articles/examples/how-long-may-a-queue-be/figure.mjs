// Draws the figure of the article from output-pool.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const pools = readOutput(import.meta.dirname, "output-pool.txt").split("\n\n")[0];
const rows = [...pools.matchAll(/^(\d+ places?|\d+, by the formula|no bound) +(\d+) +(\d+) +(\d+) +([\d.]+ s) +[\d.]+ s /gm)].map(([, label, refusedCount, inTimeCount, lateCount, text]) => {
  const [refused, inTime, late] = [refusedCount, inTimeCount, lateCount].map(Number);
  const parts = [
    { value: refused, tone: "line" },
    { value: inTime, tone: "bar" },
    { value: late, tone: "hot" },
  ];
  return { label: label.replace(", by the formula", " places").replace("place", "slot"), text: `median wait ${text}`, tone: late > inTime / 4 ? "hot" : "ink", parts: parts.flatMap((part) => (part.value > 0 ? { ...part, text: part.value < 500 ? "" : part.value.toLocaleString("en") } : [])) };
});

write(
  "how-long-may-a-queue-be-pool.svg",
  barChart({
    title: "What became of 4,800 requests, by the length of the queue",
    description: rows.map(({ label, parts, text }) => `${label}: ${parts.map(({ value, tone }) => `${value} ${{ line: "refused", bar: "in time", hot: "too late" }[tone]}`).join(", ")}; ${text}`).join(". "),
    key: [
      ["line", "refused at once"],
      ["bar", "answered within 500 ms"],
      ["hot", "finished too late"],
    ],
    x: { max: 4800 },
    rows,
  }),
);
