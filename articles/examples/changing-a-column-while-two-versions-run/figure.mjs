// Draws the article's figures from output-locks.txt and output-versions.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, spanChart, write } from "../figure.mjs";

const locks = readOutput(import.meta.dirname, "output-locks.txt");
const labels = {
  "everything in one go": "Everything in one transaction",
  "backfill in one update": "Backfill in one update",
  "change the type to bigint": "Change the type in place",
  "add column behind a report": "Add a column behind a report",
  "set not null": "Set NOT NULL",
  "the same with lock_timeout": "Add a column behind a report, with lock_timeout",
  "backfill in batches of 5,000": "Backfill in batches of 5,000",
  "validate the check": "Validate a check, then set NOT NULL",
};
const waits = Object.entries(labels).map(([step, label]) => {
  const line = locks.split("\n").find((line) => line.startsWith(`${step.padEnd(28)} `));
  const [, waiting, seconds] = /[\d.]+ s +(\d+) +[\d.]+ s +([\d.]+) s/.exec(line);
  return { label, value: Number(seconds), text: seconds === "0.0" ? "less than 0.05 s" : `${seconds} s`, tone: waiting === "60" ? "hot" : "bar" };
});
write(
  "changing-a-column-while-two-versions-run-waits.svg",
  barChart({
    title: "The slowest write while a step of the change runs",
    description: waits.map(({ label, text }) => `${label}: ${text}`).join(". "),
    x: { max: Math.max(...waits.map((wait) => wait.value)) },
    rows: waits,
  }),
);

const events = [...readOutput(import.meta.dirname, "output-versions.txt").split("all steps in their order:")[1].matchAll(/^ +([\d.]+) s  (\w+) ?(\d?)$/gm)];
const end = Number(events.at(-1)[1]) + 1;
const names = { expand: "add", backfill: "fill", require: "require", contract: "drop" };
const timeOf = (action, version) => events.filter(([, , name, of]) => name === action && of === version).map(([, time]) => Number(time));
const texts = ["1: euros only", "2: writes both, reads euros", "3: writes both, reads cents", "4: cents only"];
write(
  "changing-a-column-while-two-versions-run-steps.svg",
  spanChart({
    title: "When each version ran, and when the schema changed",
    description: "The column is added before version 2, filled after version 1 and dropped after version 3.",
    x: { min: 0, max: end, ticks: [0, 5, 10, 15], format: (seconds) => `${seconds} s` },
    marks: events.filter(([, , name]) => name in names).map(([, time, name]) => ({ at: Number(time), text: names[name], tone: "ink" })),
    rows: texts.map((label) => {
      const [from] = timeOf("start", label[0]);
      return { label: `Version ${label}`, spans: [{ from, to: timeOf("stop", label[0]).at(-1) ?? end }] };
    }),
  }),
);
