// Draws the article's figures from output-latency.txt and output-moving.txt with this site's drawing module: node figure.mjs

import { barChart, lineChart, readOutput, write } from "../figure.mjs";

const latency = readOutput(import.meta.dirname, "output-latency.txt");
const points = (way) =>
  latency
    .split("\n")
    .filter((line) => line.startsWith(`${way.padEnd(18)}  `))
    .map((line) => /(\d+) +([\d.]+) ms/.exec(line.slice(18)))
    .map(([, page, ms]) => [Number(page), Number(ms)])
    .filter(([page]) => page <= 10000);

const [offset, or, row] = [points("offset"), points("keyset, or"), points("keyset, row values")];
write(
  "offset-gets-slower-and-skips-rows-latency.svg",
  lineChart({
    title: "How long a page of 50 takes, by its number",
    description: `At page 10,000 OFFSET takes ${offset.at(-1)[1]} ms, a keyset condition with OR ${or.at(-1)[1]} ms and one with row values ${row.at(-1)[1]} ms.`,
    x: { min: 0, max: 10000, ticks: [1, 2500, 5000, 7500, 10000], format: (page) => (page === 1 ? "page 1" : page.toLocaleString("en")) },
    y: { min: 0, max: 40, ticks: [0, 10, 20, 30, 40], format: (ms) => `${ms} ms` },
    lines: [
      { label: "OFFSET", tone: "hot", dots: true, points: offset, labelAt: [8700, 17] },
      { label: "keyset with OR", tone: "ink", dots: true, points: or, labelAt: [7500, 29] },
      { label: "keyset with row values", tone: "bar", dots: true, points: row },
    ],
  }),
);

const moving = readOutput(import.meta.dirname, "output-moving.txt");
const rows = Object.entries({
  "inserts a new order: offset": "A client inserts at the top",
  "deletes an order just read: offset": "A client deletes read rows",
  "moves an unread order to the top: offset": "A client moves unread rows up",
  "does nothing, order by priority  ": "Nobody writes; sort has ties",
  "closes the page of open orders: offset": "The job closes what it has read",
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
  { small: "offset-gets-slower-and-skips-rows" },
);
