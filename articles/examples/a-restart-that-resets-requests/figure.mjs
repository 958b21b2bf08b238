// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const output = readOutput(import.meta.dirname, "output.txt");
const labels = { exit: "process.exit()", close: "server.close()", last: "One last response, then close()", net: "The socket first, then the rest" };
const rows = [...output.matchAll(/^(exit|close|last|net) +(\d+) of +(\d+) failed/gm)].map(([, way, failed, all]) => ({
  label: labels[way],
  value: Number(failed),
  tone: failed === "0" ? "quiet" : "hot",
  text: `${failed} of ${Number(all).toLocaleString("en")}`,
}));

write(
  "a-restart-that-resets-requests-ways.svg",
  barChart({
    title: "Requests that failed during twenty restarts, by the way in which the server ended",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join("\n"),
    x: { max: Math.max(...rows.map(({ value }) => value)) * 1.02 },
    rows,
  }),
);
