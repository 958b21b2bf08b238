// Draws the article's figure from output.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const shown = [
  ["as found", "As found"],
  ["only 4, index on the lines' order", "Only the index"],
  ["only default_batch_fetch_size=100", "Only the setting"],
  ["only 5, one select", "Only the new query"],
  ["all five", "All five fixes"],
];
const rows = shown.map(([name, label]) => {
  const line = output.split("\n").find((each) => each.startsWith(`${name}  `));
  const [total, , , connection, orders, lines, carrier, java] = line.slice(33).match(/\d+/g).map(Number);
  const parts = [
    { value: connection, tone: "hot" },
    { value: orders, tone: "quiet" },
    { value: carrier, tone: "ink" },
    { value: lines, tone: "bar" },
    { value: java, tone: "line" },
  ];
  return { label, text: `${total.toLocaleString("en")} ms`, parts: parts.filter(({ value }) => value > 0) };
});
write(
  "this-page-takes-four-seconds-repairs.svg",
  barChart({
    title: "What the page waits for, as found, with each of three cures of its N+1 alone, and with all fixes",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    key: [
      ["hot", "a connection"],
      ["quiet", "its orders"],
      ["ink", "the carrier"],
      ["bar", "their lines"],
      ["line", "Java"],
    ],
    x: { max: Number(rows[0].text.replace(/\D/g, "")) },
    rows,
  }),
  { small: "this-page-takes-four-seconds" },
);
