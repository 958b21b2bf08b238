// Draws articles/images/retries-multiply-recovery.svg from output.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const section = output.split("in which less than 90 %")[1].split("\n\n")[0];
const end = 60;

const shown = {
  "no retries": "No retries",
  "3 retries, backoff and jitter": "3 retries, backoff and jitter",
  "backoff, budget 10 %, purse 100": "… and a retry budget",
  "backoff, deadline sent along": "… and the deadline sent along",
  "backoff, queue of 80 places": "… and a queue of at most 80",
};

const rows = Object.entries(shown).map(([name, label]) => {
  const line = section.split("\n").find((line) => line.trim().startsWith(name));
  const [, recovered] = /0 s to (\d+|the end)/.exec(line);
  if (recovered === "the end") return { label, spans: [{ from: 0, to: end, tone: "hot", text: "never recovers" }] };
  const failing = { from: 0, to: Number(recovered), tone: "hot", text: `${recovered} s` };
  return { label, spans: [failing, { from: Number(recovered), to: end, tone: "bar", text: "normal again" }] };
});

write(
  "retries-multiply-recovery.svg",
  spanChart({
    title: "Five policies after a stall of ten seconds",
    description: rows.map(({ label, spans }) => `${label}: ${spans[0].text}`).join(". "),
    x: { min: 0, max: end, ticks: [0, 10, 20, 30, 40, 50, 60], format: (s) => `${s} s` },
    marks: [{ at: 10, text: "the service is healthy again", tone: "ink" }],
    rows,
  }),
);
