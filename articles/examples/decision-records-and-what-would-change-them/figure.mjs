// Draws articles/images/decision-records-and-what-would-change-them.svg from dates.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const dates = readOutput(import.meta.dirname, "dates.txt");

/** The date of an event as a year with a fraction. */
function year(event) {
  const [, date] = new RegExp(`^(\\S+) +${event}`, "m").exec(dates);
  const start = Date.UTC(Number(date.slice(0, 4)));
  const end = Date.UTC(Number(date.slice(0, 4)) + 1);
  return Number(date.slice(0, 4)) + (Date.parse(date) - start) / (end - start);
}

const now = year("today");
const jdk = (label, from, to) => ({
  label,
  spans: [
    { from: year(from), to: year(to), tone: "hot", text: "pins" },
    { from: year(to), to: now, text: "doesn’t" },
  ],
});
const driver = (name) => ({
  label: name,
  spans: [
    { from: year(`${name}, proposed`), to: year(`${name}, released`), tone: "line", text: "proposed" },
    { from: year(`${name}, released`), to: now, tone: "ink", text: "locks" },
  ],
});

write(
  "decision-records-and-what-would-change-them.svg",
  spanChart({
    title: "How long the reason for the locks held",
    description:
      "The MySQL driver has had its locks since July 2024. The newest JDK has not pinned since March 2025, the newest with long-term support not since September 2025.",
    x: { min: 2020.8, max: 2027, ticks: [2021, 2022, 2023, 2024, 2025, 2026], format: String },
    rows: [
      jdk("Inside synchronized, the newest JDK", "JDK 19", "JDK 24"),
      jdk("… and the newest with long-term support", "JDK 21", "JDK 25"),
      driver("PostgreSQL driver"),
      driver("MySQL driver"),
    ],
  }),
);
