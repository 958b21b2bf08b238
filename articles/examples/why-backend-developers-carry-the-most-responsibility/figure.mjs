// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const after = (way) => Number(new RegExp(`^ +(\\d+) {2}after ${way}`, "m").exec(output)[1]);
const ways = [
  ["The release is rolled back", "the rollback alone"],
  ["… and everything is restored", "a restore of everything"],
  ["… or 2.14’s rows alone are repaired", "the repair"],
];

write(
  "why-backend-developers-carry-the-most-responsibility-repair.svg",
  barChart({
    title: "Orders that are wrong or missing afterwards",
    description: ways.map(([label, way]) => `${label}: ${after(way).toLocaleString("en")}`).join(". "),
    x: { max: 70000 },
    rows: ways.map(([label, way]) => ({ label, value: after(way), text: after(way).toLocaleString("en"), tone: way === "the repair" ? "bar" : "hot" })),
  }),
);
