// Draws the article's figure from output.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const labels = [
  "As found",
  "1 Label before the transaction",
  "2 Index on the customer",
  "3 One call for all parcels",
  "4 Index on the lines’ order",
  "5 One select of what is shown",
];
const numbers = readOutput(import.meta.dirname, "output.txt")
  .split("\n")
  .filter((line) => /^(as found|\d [a-z]+ .*[a-z]) +\d+/.test(line))
  .map((line) => line.slice(32).trim().split(/ +/).map(Number));
const rows = labels.map((label, index) => {
  const [total, connection, orders, lines, carrier, java] = numbers[index];
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
    title: "What the page waits for, as found and after each repair",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    key: [
      ["hot", "a connection"],
      ["quiet", "its orders"],
      ["ink", "the carrier"],
      ["bar", "their lines"],
      ["line", "Java"],
    ],
    x: { max: Math.max(...numbers.map(([total]) => total)) },
    rows,
  }),
  { small: "this-page-takes-four-seconds" },
);
