// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const sections = readOutput(import.meta.dirname, "output.txt").split("=== ");
/** The connections that are lent, at the `index`th reading of the section that begins so. */
const lent = (start, index) => Number(sections.find((section) => section.startsWith(start)).match(/(?<=^ {2}active )\d+/gm).at(index));
const ways = [
  ["1. The query is cancelled", lent("1 a slow", 1)],
  ["2. The sessions are ended", lent("2 an HTTP", 1)],
  ["… the client’s timeout is 2 s", lent("2 again", 0)],
  ["3. The sessions are ended", lent("3 an HTTP", 1)],
  ["… open-in-view is off", lent("3 again", 0)],
  ["4. The sessions are ended", lent("4 a conn", 1)],
  ["… leak detection is on", lent("4 again", 0)],
  ["5. The pool has 13", lent("5 again", 0)],
];

const { svg } = barChart({
  title: "Connections that the pool still counts as lent, after what was tried",
  description: ways.map(([label, count]) => `${label}: ${count}`).join(". "),
  x: { max: 10 },
  rows: ways.map(([label, value]) => ({ label, value, text: value > 0 ? `${value} still lent` : "none", tone: value > 0 ? "hot" : "bar" })),
  beside: true,
});

write("hikaripool-connection-is-not-available-held.svg", { svg });
