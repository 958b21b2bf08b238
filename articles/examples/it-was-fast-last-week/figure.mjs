// Draws the article's figure from output-days.txt with this site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const days = readOutput(import.meta.dirname, "output-days.txt")
  .split("\n")
  .filter((line) => /^ +\d+ /.test(line))
  .map((line) => line.trim().split(/ {2,}/))
  .map(([day, , join]) => ({ day: Number(day), slow: join === "Nested Loop" }));
const rows = Array.from({ length: Math.ceil(days.length / 10) }, (_, index) => days.slice(index * 10, index * 10 + 10)).map((ten) => ({
  label: `days ${ten[0].day} to ${ten.at(-1).day}`,
  spans: ten.map(({ slow }, at) => ({ from: at, to: at + 0.9, tone: slow ? "hot" : "bar" })),
}));
const slow = days.filter((one) => one.slow);
write(
  "it-was-fast-last-week-days.svg",
  spanChart({
    title: "On which of 110 mornings the same query was slow",
    description: `Each square is a morning, ten in a row. ${slow.length} of ${days.length} are slow, the first on day ${slow[0].day}, the last on day ${slow.at(-1).day}.`,
    key: [
      ["bar", "hash join: 1 to 42 ms"],
      ["hot", "nested loop: 0.6 to 3.7 s"],
    ],
    x: { min: 0, max: 10 },
    rows,
    beside: true,
  }),
);
