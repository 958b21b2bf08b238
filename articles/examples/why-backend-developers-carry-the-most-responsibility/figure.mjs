// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const after = (way) => Number(new RegExp(`^ +(\\d+) {2}${way}`, "m").exec(output)[1]);
const ways = [
  ["The release is rolled back", "orders wrong before it", "orders are wrong"],
  ["… and everything is restored from the backup", "orders wrong or missing", "orders are wrong or missing"],
  ["… or the noted rows are repaired", "orders wrong after it", "are left, among 2,378 for people to decide"],
];

write(
  "why-backend-developers-carry-the-most-responsibility-repair.svg",
  barChart({
    title: "Orders that are wrong or missing afterwards",
    description: ways.map(([label, way, what]) => `${label}: ${after(way).toLocaleString("en")} ${what}`).join(". "),
    x: { max: 70000 },
    rows: ways.map(([label, way, what]) => ({
      label,
      value: after(way),
      text: `${after(way).toLocaleString("en")} ${what}`,
      tone: way === "orders wrong after it" ? "bar" : "hot",
    })),
  }),
  { small: "why-backend-developers-carry-the-most-responsibility" },
);
