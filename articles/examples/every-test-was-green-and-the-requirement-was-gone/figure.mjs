// Draws the article's figure from history.txt and tests.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const history = readOutput(import.meta.dirname, "history.txt");
const tests = readOutput(import.meta.dirname, "tests.txt");
/** Days since the beginning of 24 November 2026, from "26 Nov 23:37". */
const days = (text) => (Date.parse(`${text} 2026 UTC`) - Date.parse("24 Nov 2026 UTC")) / 86_400_000;
const commit = (id) => days(new RegExp(`^(.+?) {2}${id}`, "m").exec(history)[1]);
const [built, left, merged, anew, gone, back] = ["e8789400", "d8b49b09", "fe8ff7fe", "40436a41", "6ce03870", "2298cfae"].map(commit);
const green = days(/17f6e600, (.+)$/m.exec(tests)[1]);
const [, failed] = /(\d+) failed/.exec(tests);
const minutes = Math.round((green - gone) * 24 * 60);

write(
  "every-test-was-green-and-the-requirement-was-gone-days.svg",
  spanChart({
    title: "When the form had the schema that was asked for, and when tests failed",
    description: `The schema: gone for ${Math.round((merged - left) * 24 * 60)} minutes, later for ${(back - gone).toFixed(1)} days\nThe ${failed} tests: failing for ${minutes} minutes`,
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
          { from: built, to: left },
          { from: left, to: merged, tone: "hot" },
          { from: merged, to: anew, tone: "line" },
          { from: anew, to: gone },
          { from: gone, to: back, tone: "hot" },
        ],
      },
      { label: `The ${failed} tests it broke`, text: `failing for ${minutes} minutes`, spans: [{ from: gone, to: green, tone: "hot" }] },
    ],
  }),
  { small: "every-test-was-green-and-the-requirement-was-gone" },
);
