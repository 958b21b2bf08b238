// Draws articles/images/when-clients-hate-your-work-sheet.svg from counts.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const counts = [...readOutput(import.meta.dirname, "counts.txt").matchAll(/^(\d+) (.*)$/gm)];
const rows = counts.map(([, count, place], i) => ({ label: place, value: Number(count), text: count, tone: i === 0 ? "ink" : "bar" }));

write(
  "when-clients-hate-your-work-sheet.svg",
  barChart({
    title: "Where the missed expectation was written",
    description: rows.map(({ label, text }) => `${text} ${label}`).join(", "),
    x: { max: Math.max(...rows.map(({ value }) => value)) * 1.1 },
    rows,
  }),
);
