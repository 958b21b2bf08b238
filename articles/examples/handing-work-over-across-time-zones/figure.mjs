// Draws the two figures of the article from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, spanChart, write } from "../figure.mjs";

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
  const spans = [{ ...alone, tone: "line", text: "alone" }, { from: toUtc(from), to: toUtc(to), text: "shared" }];
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

const [, handovers] = output.split("(30 minutes to read, 30 to answer)\n");
const written = [...handovers.split("\n\n")[0].matchAll(/^ {2}(\S.*)\n((?: {4}.*\n?)+)/gm)];
const shown = ["Magelang at 16:00", "Magelang at 13:00", "Copenhagen at 17:00", "Copenhagen at 11:00", "Copenhagen at 10:30"];

function waits([, label, lines]) {
  const parts = [...lines.matchAll(/waits (\S+) h on +(\d+)/g)].map(([, hours, days]) => ({
    value: Number(days),
    text: Number(days) > 20 ? (Number(hours) > 0 ? `waits ${Number(hours)} h` : "doesn’t wait") : "",
    tone: Number(hours) > 1 ? "hot" : "bar",
  }));
  return { label: `Written in ${label.split(",")[0]}`, parts };
}

write(
  "handing-work-over-across-time-zones-waits.svg",
  barChart({
    title: "How long the reader of a handover waits with one doubt",
    description: "A handover that Copenhagen writes at 17:00 makes the reader wait five or six hours, one that it writes at 10:30 none. Magelang's at 16:00 makes the reader wait three hours, give or take a half, one at 13:00 half an hour.",
    x: { min: 0, max: 261, ticks: [0, 100, 200], format: (days) => `${days} days` },
    rows: shown.map((start) => waits(written.find(([, label]) => label.startsWith(start)))),
  }),
);
