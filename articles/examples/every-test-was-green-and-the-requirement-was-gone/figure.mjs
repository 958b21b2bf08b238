// Draws the article's figure from history.txt and tests.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const history = readOutput(import.meta.dirname, "history.txt");
const tests = readOutput(import.meta.dirname, "tests.txt");
/** Days since the beginning of 24 November 2026, from "26 Nov 23:37:35". */
const days = (text) => (Date.parse(`${text} 2026 UTC`) - Date.parse("24 Nov 2026 UTC")) / 86_400_000;
/** A commit's own date, which is the second. */
const commit = (id) => days(new RegExp(`^.{15}  (.{15})  ${id}`, "m").exec(history)[1]);
const [built, wrapped, anew, gone, back] = ["e8789400", "fe8ff7fe", "40436a41", "6ce03870", "2298cfae"].map(commit);
const [colours, mended, drawn] = ["0dc38445", "ee127900", "17f6e600"].map(commit);
/** How many of the figures' tests and of the form's failed at a commit. */
const failed = (id) => new RegExp(`^${id} .*?(\\d+) fail.*?(\\d+) fail`, "m").exec(tests).slice(1).map(Number);
const [, own] = failed("6ce03870");
const [red] = failed("9108d7f1");
const minutes = (from, to) => Math.round((to - from) * 24 * 60);
const rows = [
  { label: `The ${own} tests that it broke`, text: `failing for ${minutes(gone, mended)} minutes`, spans: [{ from: gone, to: mended, tone: "hot" }] },
  { label: `${red} that were red already`, text: `failing for ${minutes(colours, drawn)} minutes`, spans: [{ from: colours, to: drawn, tone: "hot" }] },
];

write(
  "every-test-was-green-and-the-requirement-was-gone-days.svg",
  spanChart({
    title: "When the form had the schema that was asked for, and when tests failed",
    description: [`The schema: gone for ${(back - gone).toFixed(1)} days`, ...rows.map(({ label, text }) => `${label}: ${text}`)].join("\n"),
    key: [
      ["bar", "as asked"],
      ["line", "a schema around our own functions"],
      ["hot", "gone, or failing"],
    ],
    x: { min: built, max: back, ticks: [1, 3, 5, 7], format: (day) => (day === 7 ? "1 Dec" : `${24 + day} Nov`) },
    rows: [
      {
        label: "The schema of the form",
        text: `gone for ${(back - gone).toFixed(1)} days`,
        tone: "hot",
        spans: [
          { from: built, to: wrapped },
          { from: wrapped, to: anew, tone: "line" },
          { from: anew, to: gone },
          { from: gone, to: back, tone: "hot" },
        ],
      },
      ...rows,
    ],
  }),
);
