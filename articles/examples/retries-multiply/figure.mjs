// Draws the figures of the article from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, spanChart, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const unanswered = output.split("in which fewer than 90 %")[1].split("\n\n")[0];
const end = 60;

const shown = {
  "no retries": "No retries",
  "3 retries, backoff and jitter": "3 retries, backoff and jitter",
  "backoff, budget, bucket of 100": "… and a retry budget",
  "backoff, deadline sent along": "… and the deadline sent along",
  "backoff, newest first": "… and newest first",
  "backoff, queue bounded at 80": "… and a queue of at most 80",
};

const policies = Object.entries(shown).map(([name, label]) => {
  const line = unanswered.split("\n").find((line) => line.startsWith(name));
  const [, recovered] = /0 s to (\d+|the end)/.exec(line);
  if (recovered === "the end") return { label, spans: [{ from: 0, to: end, tone: "hot", text: "never recovers" }] };
  const failing = { from: 0, to: Number(recovered), tone: "hot", text: `${recovered} s` };
  return { label, spans: [failing, { from: Number(recovered), to: end, tone: "bar", text: "normal again" }] };
});

write(
  "retries-multiply-recovery.svg",
  spanChart({
    title: "Six policies after a stall of ten seconds",
    description: policies.map(({ label, spans }) => `${label}: ${spans[0].text}`).join(". "),
    x: { min: 0, max: end, ticks: [0, 10, 20, 30, 40, 50, 60], format: (s) => `${s} s` },
    marks: [{ at: 10, text: "the service is healthy again", tone: "ink" }],
    rows: policies,
  }),
);

const recoveries = (name, pattern, wanted, label) =>
  [...output.split(name)[1].matchAll(pattern)]
    .filter(([, at]) => wanted.includes(at))
    .map(([, at, runs]) => ({ label: label(at), value: Number(runs), text: `${runs} of 20`, tone: runs === "20" ? "bar" : "hot" }));

const cliff = [
  ...recoveries("the stall lasts", /^ +([\d.]+) s +(\d+)$/gm, ["1.0", "1.1", "1.2", "1.5"], (at) => `Stall of ${at} s, no bound`),
  ...recoveries("bounded at\n", /^ +(\d+) +(\d+)$/gm, ["90", "94", "95", "100"], (at) => `Stall of 10 s, queue ${at}`),
];

write(
  "retries-multiply-cliff.svg",
  barChart({
    title: "How many of twenty runs recovered",
    description: cliff.map(({ label, text }) => `${label}: ${text}`).join(". "),
    x: { max: 20 },
    beside: true,
    rows: cliff,
  }),
);
