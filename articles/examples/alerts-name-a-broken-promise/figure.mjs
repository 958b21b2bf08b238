// Draws the figure of the article from output.txt with the site's drawing module: node figure.mjs

import { lineChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const used = [...output.split("by day of the month\n")[1].matchAll(/^ +([\d.]+) +([\d.]+)%$/gm)].map((match) => match.slice(1).map(Number));
const days = (rule) => output.split(`\n${rule}`)[1].split("\n")[0].split("day ")[1].split(", ").map(Number);

/** The share of the budget used on a day, between the two printed moments around it. */
function usedOn(day) {
  const after = used.findIndex(([at]) => at >= day);
  const [[fromDay, from], [toDay, to]] = [used[after - 1], used[after]];
  return from + ((day - fromDay) / (toDay - fromDay)) * (to - from);
}

const habit = days("over 1% for 5 minutes");
const pages = days("pages: 14.4 or 6");
const tickets = days("ticket: 1 over 3 d");
const call = (day, label, tone, labelAt, anchor = "start") => ({ label, tone, dots: true, points: [[day, usedOn(day)]], labelAt, anchor });

write(
  "alerts-name-a-broken-promise-budget.svg",
  lineChart({
    title: "The error budget over the month, and who was called",
    description: `Used: ${used.map(([day, share]) => `${share}% on day ${day.toFixed(1)}`).join(", ")}`,
    x: { min: 0, max: 30, ticks: [0, 5, 10, 15, 20, 25, 30], format: (day) => (day === 0 ? "day 0" : String(day)) },
    y: { min: 0, max: 150, ticks: [0, 50, 100, 150], format: (share) => `${share}%` },
    lines: [
      { label: "", tone: "quiet", dashed: true, points: [[0, 100], [30, 100]] },
      { label: "budget used", tone: "bar", points: used, labelAt: [30, 144] },
      call(pages[0], "page", "hot", [2.8, 9], "end"),
      call(habit[0], "1% rule", "ink", [7.2, 14]),
      call(pages[1], "all three rules", "hot", [11.7, 30], "end"),
      call(pages[2], "page", "hot", [18.6, 89]),
      call(tickets[1], "ticket", "ink", [17.4, 117], "end"),
      call(tickets[2], "ticket", "ink", [25.2, 115]),
      { label: "an outage of 40 minutes", tone: "quiet", points: [[12.1, 55]], labelAt: [12.7, 55], anchor: "start" },
    ],
  }),
);
