// Draws the article's figures from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const sections = output.split("=== ").slice(1, 7);
/** The deadlocks among thirty pairs, by the title of the count. */
const countsOf = (section) => [...section.matchAll(/^(.+?) +(\d+) of 30 pairs: deadlock/gm)].map(([, title, count]) => [title, Number(count)]);
const names = ["Two baskets", "Two statements", "Read lock, then change", "for update, after an insert", "New keys", "A migration of two tables"];
const cures = ["sorted in the code", "select … order by id for no key update, first", "PESSIMISTIC_WRITE", "select … for no key update", "in one order", "a transaction for each table"];
const words = ["sorted", "locked in order first", "write lock", "for no key update", "in one order", "a transaction for each"];

const rows = sections.flatMap((section, at) => {
  const [[, before], ...others] = countsOf(section);
  const after = Object.fromEntries(others)[cures[at]];
  return [
    [`${at + 1}. ${names[at]}`, before],
    [`… ${words[at]}`, after],
  ];
});

const { svg } = barChart({
  title: "Deadlocks among thirty pairs of transactions, before and after",
  description: rows.map(([label, count]) => `${label}: ${count}`).join(". "),
  x: { max: 30 },
  rows: rows.map(([label, value]) => ({ label, value, text: value > 0 ? `${value}` : "none", tone: value > 0 ? "hot" : "bar" })),
  beside: true,
});

write("deadlock-detected-pairs.svg", { svg });
