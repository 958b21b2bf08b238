// Draws the article's figure from output-locks.txt with this site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

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
    key: [
      ["hot", "all 60 connections waited at once"],
      ["bar", "fewer"],
    ],
    x: { max: Math.max(...waits.map((wait) => wait.value)) },
    rows: waits,
  }),
);
