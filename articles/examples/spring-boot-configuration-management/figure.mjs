// Draws articles/images/spring-boot-configuration-management-faults.svg from output-faults.txt with the site's drawing module.

import { readOutput, spanChart, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output-faults.txt");
const tones = { "as meant": "line", refused: "bar", wrong: "hot" };
const table = output.split("\n\n")[0].split("\n");
const columns = table[1].trim().split(/ {2,}/);
const counts = table.at(-1).match(/\d+/g);

const rows = table.slice(3, -1).map((line) => {
  const [label, ...verdicts] = line.replaceAll("*", "").split(/ {2,}/);
  // The small gaps keep the columns apart.
  const spans = verdicts.map((text, at) => ({ from: at, to: at + 0.96, text: text.replace("as ", ""), tone: tones[text] }));
  return { label: label.replace(" is left", " left"), spans };
});
const total = { label: "started wrong", spans: counts.map((text, at) => ({ from: at, to: at + 0.96, text, tone: "ink" })) };

write(
  "spring-boot-configuration-management-faults.svg",
  spanChart({
    title: `${rows.length} broken configurations, three ways to read them`,
    description: columns.map((column, at) => `${column}: ${counts[at]} of ${rows.length} started with a wrong value`).join(". "),
    x: { min: 0, max: 3 },
    marks: columns.map((text, at) => ({ at, text, tone: "ink" })),
    rows: [...rows, total],
    beside: true,
  }),
);
