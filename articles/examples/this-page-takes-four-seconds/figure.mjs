// Draws the article's figure from output-rounds.txt with this site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const saved = readOutput(import.meta.dirname, "output-rounds.txt").split("What was saved")[1].split("\n\n")[1];
const shown = [
  ["only 4, index on the lines' order", "The index on the lines’ order"],
  ["only default_batch_fetch_size=100", "The setting"],
  ["only 5, one select", "The new query"],
  ["only 3, one call for all parcels", "One call for all parcels"],
  ["only 1, label before transaction", "The label before the transaction"],
  ["only 2, index on the customer", "An index on the customer"],
];
const rows = shown.map(([name, label]) => {
  const line = saved.split("\n").find((each) => each.startsWith(`${name}  `));
  const [median, from, to] = line.slice(33).match(/-?\d+/g).map(Number);
  return { label: `${label}: ${median.toLocaleString("en")} ms`, spans: [{ from, to, tone: from > 0 ? "bar" : "hot" }] };
});
write(
  "this-page-takes-four-seconds-repairs.svg",
  spanChart({
    title: "What each fix alone saved of the page’s time",
    description: rows.map(({ label, spans: [{ from, to }] }) => `${label}, between ${from} and ${to}`).join(". "),
    key: [
      ["bar", "saved time"],
      ["hot", "may have saved none"],
    ],
    x: { min: -1000, max: 4000, ticks: [-1000, 0, 1000, 2000, 3000, 4000], format: (ms) => (ms === 4000 ? "4 s" : `${ms / 1000}`.replace("-", "−")) },
    marks: [{ at: 0, text: "as found", tone: "ink" }],
    rows,
  }),
);
