// Draws articles/images/handing-work-over-across-time-zones.svg from output.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const hour = (text) => Number(text.slice(0, 2));
const [, works] = /Copenhagen (\d\d:00-\d\d:00) and Magelang/.exec(output);
const [opens, closes] = works.split("-").map(hour);
const [, copenhagen, magelang] = /from \d{4}-01-01 .*Copenhagen (\S+), Magelang (\S+)/.exec(output);
const winter = { Copenhagen: 1, Magelang: 7 }; // hours before UTC

function row(office, shared) {
  const toUtc = (time) => time - winter[office];
  const [from, to] = shared.split("-").map(hour);
  const alone = from === opens ? { from: toUtc(to), to: toUtc(closes) } : { from: toUtc(opens), to: toUtc(from) };
  const spans = [{ ...alone, text: "alone" }, { from: toUtc(from), to: toUtc(to), tone: "hot", text: "shared" }];
  return { label: `${office} ${works.replace("-", " to ")}`, spans: spans.toSorted((a, b) => a.from - b.from) };
}

write(
  "handing-work-over-across-time-zones.svg",
  spanChart({
    title: "A winter day of both offices in UTC",
    description: "The three shared hours are the last of Magelang's day and the first of Copenhagen's.",
    x: { min: 1, max: 16, ticks: [1, 4, 7, 10, 13, 16], format: (at) => `${String(at).padStart(2, "0")}:00` },
    rows: [row("Magelang", magelang), row("Copenhagen", copenhagen)],
  }),
);
