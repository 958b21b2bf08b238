// Draws the article's figure from output-sqlite.txt with this site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const leaving = new Set(
  readOutput(import.meta.dirname, "output-sqlite.txt")
    .split("in the databases ")[1]
    .match(/\d+/g)
    .map(Number),
);
const rows = Array.from({ length: 10 }, (_, row) => ({
  label: `${row * 10 + 1}–${row * 10 + 10}`,
  spans: Array.from({ length: 10 }, (_, at) => ({ from: at, to: at + 0.9, tone: leaving.has(row * 10 + at + 1) ? "hot" : "bar" })),
}));
write(
  "what-a-deleted-row-leaves-databases.svg",
  spanChart({
    title: "Which of a hundred databases still had somebody who had been deleted",
    description: `Each square is a database, ten in a row. Somebody was left in ${leaving.size} of 100.`,
    key: [
      ["bar", "nobody found"],
      ["hot", "somebody found"],
    ],
    x: { min: 0, max: 10 },
    rows,
    beside: true,
  }),
);
