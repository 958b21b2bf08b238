// Draws the figure of the article from output-kills.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output-kills.txt");
const labels = { "commit, send": "Commit, send", "the same, connecting": "The same, while connecting", outbox: "Outbox", "column and job": "A column and a job" };

const rows = [...output.matchAll(/^(\S.*?) +(\d+) +(\d+) +0 +(\d+)(?: +(\d+) ms +(\d+))?$/gm)].map(([, name, bookings, missing, twice, , expected]) => ({
  label: `${labels[name]}: ${bookings} bookings`,
  value: Number(missing),
  tone: missing === "0" ? "bar" : "hot",
  text: expected ? `${missing} missing, ${expected} expected` : `${missing} missing, ${twice} sent twice`,
}));

write(
  "two-writes-and-an-outbox-kills.svg",
  barChart({
    title: "Emails missing after 120 kills",
    description: rows.map(({ label, text }) => `${label}, ${text}`).join(". "),
    x: { max: Math.max(...rows.map(({ value }) => value)) * 1.02 },
    rows,
  }),
);
