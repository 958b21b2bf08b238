// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const sections = readOutput(import.meta.dirname, "output.txt").split("=== ");
/** The connections that are lent, at the `index`th reading of the section that begins so. */
const lent = (start, index) => Number(sections.find((section) => section.startsWith(start)).match(/(?<=^ {2}active )\d+/gm).at(index));
const [, ended, left] = /(\d+) ended\s+(\d+) sessions are left/.exec(sections.find((section) => section.startsWith("2 an HTTP")));
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
// In lists, only what ending the sessions does: the database has none, and the pool counts as many as before.
const { small } = barChart({
  title: "Sessions and lent connections, before and after the sessions were ended",
  description: "",
  x: {},
  rows: [
    { label: "Sessions before", value: Number(ended) },
    { label: "after", value: Number(left) },
    { label: "Lent before", value: lent("2 an HTTP", 0) },
    { label: "after", value: lent("2 an HTTP", 1), tone: "hot" },
  ],
});

write("hikaripool-connection-is-not-available-held.svg", { svg, small }, { small: "hikaripool-connection-is-not-available" });
