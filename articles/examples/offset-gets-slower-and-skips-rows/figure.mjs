// Draws the article's figure from output-moving.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const moving = readOutput(import.meta.dirname, "output-moving.txt");
const rows = Object.entries({
  "inserts a new order: offset": "A client inserts at the top",
  "deletes an order just read: offset": "A client deletes read rows",
  "moves an unread order to the top: offset": "A client moves unread rows up",
  "closes the page of open orders: offset": "The job closes what it has read",
  "does nothing, order by priority  ": "Nobody writes; sort has ties",
}).map(([name, label]) => {
  const [, twice, never] = /(\d+) +(\d+)$/.exec(moving.split("\n").find((line) => line.trimStart().startsWith(name)));
  const counts = [`${Number(twice).toLocaleString("en")} twice`, `${Number(never).toLocaleString("en")} never`].filter((text) => !text.startsWith("0 "));
  const parts = [
    { value: Number(twice), tone: "ink" },
    { value: Number(never), tone: "hot" },
  ];
  return { label, text: counts.join(", "), tone: never === "0" ? "ink" : "hot", parts: parts.filter((part) => part.value > 0) };
});
write(
  "offset-gets-slower-and-skips-rows-missed.svg",
  barChart({
    title: "Of 10,000 orders read in pages with OFFSET: how many came twice or never",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    key: [
      ["hot", "never came"],
      ["ink", "came more than once"],
    ],
    x: { max: 10000 },
    rows,
  }),
);
