// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const after = (way) => Number(new RegExp(`^ +(\\d+) {2}${way}`, "m").exec(output)[1]);
const number = (value) => value.toLocaleString("en");
const [, wrongly] = /repaired, of which (\d+) are wrong/.exec(output);
const ask = [...output.matchAll(/(\d+) {2}ask/g)].reduce((sum, [, count]) => sum + Number(count), 0);
const ways = [
  ["The release is rolled back", after("orders wrong before it"), "orders are wrong", "hot"],
  ["… and everything is restored from the backup", after("orders wrong or missing"), "orders are wrong or missing", "hot"],
  ["… or a copy is restored and compared", after("orders wrong after it, and no list"), `are left, ${wrongly} of them repaired wrongly`, "bar"],
  ["… or the noted rows are repaired", after("orders wrong after it$"), `are left, among ${number(ask)} for people to decide`, "bar"],
];

write(
  "you-cannot-roll-back-a-row-repair.svg",
  barChart({
    title: "Orders that are wrong or missing afterwards",
    description: ways.map(([label, count, what]) => `${label}: ${number(count)} ${what}`).join(". "),
    x: { max: 70000 },
    rows: ways.map(([label, value, what, tone]) => ({ label, value, text: `${number(value)} ${what}`, tone })),
  }),
);
