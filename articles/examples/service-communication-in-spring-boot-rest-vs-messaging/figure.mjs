// Draws the article's two figures from output.txt and output-fanout.txt with the site's drawing module: node figure.mjs

import { barChart, lineChart, readOutput, write } from "../figure.mjs";

const runs = readOutput(import.meta.dirname, "output.txt").trim().split("\n\n");
const numbers = (run, name) => new RegExp(`^  ${name} +(.*)$`, "m").exec(run)[1].split(/ +/).map(Number);
const series = (run, name) => [[0, 0], ...numbers(run, "seconds").map((at, index) => [at, numbers(run, name)[index]])];
const last = (points) => points.at(-1)[1];
const [open, limited, queued] = [series(runs[0], "waiting"), series(runs[1], "waiting"), series(runs[2], "queued")];

write(
  "service-communication-in-spring-boot-rest-vs-messaging-backlog.svg",
  lineChart({
    title: "Where 300 requests wait while the receiver is stuck",
    description: `After 3 s: ${last(open)} callers wait without a timeout, ${last(limited)} with a deadline of 500 ms, ${last(queued)} messages in a queue of 250`,
    x: { min: 0, max: 3, ticks: [0, 1, 2, 3], format: (s) => `${s} s` },
    y: { min: 0, max: 300, ticks: [0, 100, 200, 300] },
    lines: [
      { label: "callers, no timeout", tone: "hot", points: open, labelAt: [2.3, 268] },
      { label: "queue of 250", points: queued, labelAt: [3, 207] },
      { label: "callers, deadline 500 ms", tone: "ink", points: limited },
    ],
  }),
);

const fanout = readOutput(import.meta.dirname, "output-fanout.txt");
const rows = [...fanout.matchAll(/^(\S.*?) +current +(\d+), stale +(\d+), failed +(\d+)$/gm)].map(([, label, current, stale, failed]) => ({
  label: `${label}: ${[Number(stale) && `${stale} stale`, Number(failed) && `${failed} failed`].filter(Boolean).join(", ")}`,
  parts: [
    { value: Number(current), text: `${current} current` },
    { value: Number(stale), tone: "ink" },
    { value: Number(failed), tone: "hot" },
  ].filter(({ value }) => value),
}));

write(
  "service-communication-in-spring-boot-rest-vs-messaging-reads.svg",
  barChart({
    title: "1,000 reads while the source is down for two of ten seconds",
    description: rows.map(({ label, parts }) => `${label}, ${parts[0].text}`).join(". "),
    x: { max: 1000 },
    rows,
  }),
);
