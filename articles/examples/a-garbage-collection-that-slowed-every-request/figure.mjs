// Draws the figure of the article from output-node-26.txt with this site's drawing module: node figure.mjs

import { lineChart, readOutput, write } from "../figure.mjs";

const requests = readOutput(import.meta.dirname, "output-node-26.txt").split("one request")[1];
const processesOf = (mode) => {
  const [, all] = new RegExp(`^  ${mode} .*all (.*)$`, "m").exec(requests);
  return all.split(" ").map((us, index) => [index + 1, Number(us)]);
};
const [none15, gc15, keep15] = ["none", "gc", "keep"].map(processesOf);
const range = (points) => `${points[0][1]} to ${points.at(-1)[1]} µs`;
write(
  "a-garbage-collection-that-slowed-every-request-requests.svg",
  lineChart({
    title: "Processor time of one request in 15 processes each (Node 26)",
    description: `Without a collection ${range(none15)}, after one ${range(gc15)}, after one with a tick kept ${range(keep15)}.`,
    height: 190,
    x: { min: 1, max: 15, ticks: [1, 8, 15], format: (rank) => (rank === 1 ? "fastest process" : rank === 15 ? "slowest" : "median") },
    y: { min: 6, max: 10.5, ticks: [6, 7, 8, 9, 10], format: (us) => `${us} µs` },
    lines: [
      { label: "one full collection after 20 requests", tone: "hot", dots: true, points: gc15, labelAt: [15, 10] },
      { label: "no collection", tone: "ink", dots: true, points: none15, labelAt: [15, 7.95] },
      { label: "the collection, and one tick kept", dots: true, points: keep15, labelAt: [15, 6.35] },
    ],
  }),
);
