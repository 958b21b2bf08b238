// Draws articles/images/builder-pattern-in-java-callers.svg from output-callers.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const lines = readOutput(import.meta.dirname, "output-callers.txt").split("\n\n")[0].split("\n").slice(1);
const columns = ["required value added", "optional value added"];
const tones = { compiler: "bar", "run time": "hot", works: "line" };
const labels = { Opening: "Opening call" };

const rows = lines.map((line) => {
  const [name, ...outcomes] = line.split(/ {2,}/);
  const spans = outcomes.map((text, at) => ({ from: at, to: at + 0.96, text, tone: tones[text] }));
  return { label: labels[name] ?? name, spans };
});

write(
  "builder-pattern-in-java-callers.svg",
  spanChart({
    title: "Who notices that a class has one more value",
    description: rows.map(({ label, spans }) => `${label}: ${spans.map(({ text }, at) => `${columns[at]}: ${text}`).join("; ")}`).join(". "),
    x: { min: 0, max: columns.length },
    marks: columns.map((text, at) => ({ at, text, tone: "ink" })),
    rows,
  }),
);
