// Draws the figures of the article from output.txt, and the curves of the home page from output-answers.txt, with the site's drawing module: node figure.mjs

import { curve, lineChart, readOutput, spanChart, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const unanswered = output
  .split("in which fewer than 90 %")
  .slice(1)
  .map((part) => part.split("\n\n")[0])
  .join("\n");
const end = 80;

const shown = {
  "no retries": "No retries",
  "3 retries, backoff and jitter": "3 retries, backoff and jitter",
  " 1 of them, open for 60 s": "… and one breaker for all",
  "20 of them, open for 60 s": "… and 20 breakers, one a process",
  "backoff, budget, bucket of 100": "… and a retry budget",
  "backoff, deadline sent along": "… and the deadline sent along",
  "backoff, newest first": "… and newest first",
  "backoff, queue bounded at 45": "… and a queue of at most 45",
};

const policies = Object.entries(shown).map(([name, label]) => {
  const line = unanswered.split("\n").find((line) => line.startsWith(name));
  const [, recovered] = /  ?0 s to (\d+|the end)/.exec(line);
  if (recovered === "the end") return { label, spans: [{ from: 0, to: end, tone: "hot", text: "never recovers" }] };
  const failing = { from: 0, to: Number(recovered), tone: "hot", text: `${recovered} s` };
  return { label, spans: [failing, { from: Number(recovered), to: end, tone: "bar", text: Number(recovered) < 50 ? "answered again" : "" }] };
});

write(
  "retries-multiply-recovery.svg",
  spanChart({
    title: "Eight policies after a stall of ten seconds",
    description: policies.map(({ label, spans }) => `${label}: ${spans[0].text}`).join(". "),
    key: [
      ["bar", "at least nine in ten answered"],
      ["hot", "fewer"],
    ],
    x: { min: 0, max: end, ticks: [0, 20, 40, 60, 80], format: (s) => `${s} s` },
    marks: [{ at: 10, text: "the service is healthy again", tone: "ink" }],
    rows: policies,
  }),
);

const bounds = output.split("by the bound of the queue")[1].split("\n\n")[0];
const runs = [...bounds.matchAll(/^ +(\d+) +(\d+) +(\d+) +(\d+)$/gm)].map((match) => match.slice(1).map(Number)).filter(([bound]) => bound >= 80 && bound <= 120);
const points = (column) => runs.map((row) => [row[0], row[column]]);

write(
  "retries-multiply-cliff.svg",
  lineChart({
    title: "How many of twenty runs recovered, by the length of the queue",
    description: ["constant", "exponential", "long tail"].map((work, at) => `${work} work: ${points(at + 1).map(([bound, n]) => `${n} with ${bound}`).join(", ")}`).join(". "),
    x: { min: 80, max: 120, ticks: [80, 90, 100, 110, 120], format: (bound) => (bound === 120 ? "120 slots" : `${bound}`) },
    y: { min: 0, max: 20, ticks: [0, 10, 20], format: (n) => (n === 20 ? "all 20" : `${n}`) },
    marks: [{ at: 90, text: "deadline less work: 90 slots", tone: "ink" }],
    lines: [
      { label: "work of 100 ms", tone: "hot", dots: true, points: points(1), labelAt: [104.5, 10.5], anchor: "start" },
      { label: "exponential work", tone: "ink", dots: true, points: points(2), labelAt: [104.5, 13.5], anchor: "start" },
      { label: "with a long tail", tone: "bar", dots: true, points: points(3), labelAt: [104.5, 16.5], anchor: "start" },
    ],
  }),
);

const [from, to] = [20, 320]; // seconds of which the home page shows the answers
for (const [name, strip] of [
  ["retries-multiply-answers.svg", "Callers retry three times"],
  ["retries-multiply-answers-bounded.svg", "The same, with one setting changed"],
]) {
  const [title, outcome, ...lines] = readOutput(import.meta.dirname, "output-answers.txt").split("\n\n").find((part) => part.startsWith(strip)).split("\n");
  const values = lines.join(" ").trim().split(/ +/).map(Number).slice(from, to + 1);
  write(name, curve({ title, description: `Answers a second: ${outcome}.`, values, failing: 10, field: [60 - from, 70 - from] }));
}
