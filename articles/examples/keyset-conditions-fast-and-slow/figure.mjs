// Draws the article's figure from output-ties.txt and output-ties-mariadb.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const postgres = readOutput(import.meta.dirname, "output-ties.txt").split("SQLite")[0];
const mariadb = readOutput(import.meta.dirname, "output-ties-mariadb.txt");
const read = (output, way) => {
  const line = output.split("\n").find((each) => each.trimStart().startsWith(`${way}  `) || each.startsWith(`${way} `));
  return Number(/([\d,]+)(?:  orders.*)?$/.exec(line.trim())[1].replaceAll(",", ""));
};
const ways = { "row values": "as a row", or: "with or", "or + bound": "or, and a bound", "two queries": "two queries" };
const rows = Object.entries({ PostgreSQL: postgres, MariaDB: mariadb }).flatMap(([database, output]) =>
  Object.entries(ways).map(([way, label]) => {
    const value = read(output, way);
    const tone = value > 10_000 ? "hot" : "bar";
    return { label: `${database}, ${label}`, text: value.toLocaleString("en"), tone: tone === "hot" ? "hot" : "ink", parts: [{ value, tone }] };
  }),
);
write(
  "keyset-conditions-fast-and-slow-rows.svg",
  barChart({
    title: "Rows read for a page of 50 from the middle of a million",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    x: { max: 600_000 },
    rows,
  }),
);
