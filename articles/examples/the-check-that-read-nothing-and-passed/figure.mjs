// Draws the article's figure from output-test.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output-test.txt");
const releases = output.split("\n").slice(3).flatMap((line) => /(DEPLOYED|refused(?:, without reason)?) +(DEPLOYED|refused)$/.exec(line) ?? []).filter((_, index) => index % 3 > 0);
const outcomes = (script) => {
  const own = releases.filter((_, index) => index % 2 === script);
  const count = (outcome) => own.filter((one) => one === outcome).length;
  return { total: own.length, deployed: count("DEPLOYED"), blind: count("refused, without reason"), refused: count("refused") };
};
const rows = [
  ["The script that looked for no FAIL", outcomes(0)],
  ["… with a file for each run, and PASS", outcomes(1)],
].map(([label, { total, deployed, blind, refused }]) => ({
  label,
  text: deployed > 0 ? `${deployed} of ${total} go live` : `none of ${total}`,
  tone: deployed > 0 ? "hot" : "quiet",
  parts: [
    { value: deployed, text: `${deployed} deployed`, tone: "hot" },
    { value: blind, text: String(blind), tone: "line" },
    { value: refused, text: `${refused} refused` },
  ].filter(({ value }) => value > 0),
}));

write(
  "the-check-that-read-nothing-and-passed-releases.svg",
  barChart({
    title: "What became of 23 releases broken on purpose, beside something that writes to the old log",
    description: rows.map(({ label, parts }) => `${label}: ${parts.map(({ text }) => text).join(", ")}`).join("\n"),
    key: [
      ["hot", "deployed"],
      ["line", "refused, the reason not shown"],
      ["bar", "refused, with its reason"],
    ],
    x: { max: 23 },
    rows,
  }),
);
