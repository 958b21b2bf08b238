// Draws articles/images/idempotency-keys-and-crashes-matrix.svg from output-keys.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const [, ...lines] = readOutput(import.meta.dirname, "output-keys.txt").split("\n\n")[0].split("\n").slice(1);
const short = { "key with a lease, then act": "lease, then act", "lease checked by the commit": "lease at the commit", "act, then store the key": "act, then store key", "store the key, then act": "store key, then act" };
const words = ["lost", "once", "twice"]; // by the number of bookings
const kills = ["none", "step 1", "step 2", "step 3"];

const rows = lines.map((line) => {
  const [label, ...counts] = line.split(/ {2,}/);
  const spans = counts.map((count, at) => ({ from: at, to: at + 0.96, text: words[count], tone: count === "1" ? "bar" : "hot" }));
  return { label: short[label] ?? label, spans };
});

write(
  "idempotency-keys-and-crashes-matrix.svg",
  spanChart({
    title: "A booking is lost, made once or twice, after a kill and a retry with the same key",
    description: rows.map(({ label, spans }) => `${label}: ${spans.map(({ text }, at) => `${text} (${kills[at]})`).join(", ")}`).join(". "),
    x: { min: 0, max: kills.length },
    marks: kills.map((kill, at) => ({ at, text: kill.replace("step ", ""), tone: "ink" })),
    rows,
    beside: true,
  }),
);
