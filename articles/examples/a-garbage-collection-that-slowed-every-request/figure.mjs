// Draws the article's figures from output-node-24.txt and output-node-26.txt with this site's drawing module: node figure.mjs

import { lineChart, readOutput, write } from "../figure.mjs";

const literal = readOutput(import.meta.dirname, "output-node-24.txt").split("an object literal")[1].split("\n\n")[0];
const roundsOf = (mode) => {
  const line = literal.split("\n").find((line) => line.startsWith(`  ${mode.padEnd(5)}`));
  return line.slice(7).trim().split(/ +/).map((ns, index) => [index + 1, Number(ns)]);
};
const [none, gc] = [roundsOf("none"), roundsOf("gc")];
const last = (points) => points.at(-1)[1];
write(
  "a-garbage-collection-that-slowed-every-request-literal.svg",
  lineChart({
    title: "Time to create one object, in ten rounds of a million, with and without an early collection (Node 24)",
    description: `Without a collection an object takes ${last(none)} ns in the last round, after one ${last(gc)} ns.`,
    x: { min: 1, max: 10, ticks: [1, 4, 7, 10], format: (round) => `${round} million` },
    y: { min: 0, max: 250, ticks: [0, 100, 200], format: (ns) => `${ns} ns` },
    lines: [
      { label: "after one full collection", tone: "hot", points: gc, labelAt: [10, Math.max(...gc.slice(5).map(([, ns]) => ns)) + 16] },
      { label: "without, or with one object kept alive", points: none },
    ],
  }),
);

const requests = readOutput(import.meta.dirname, "output-node-26.txt").split("one request")[1];
const processesOf = (mode) => {
  const [, all] = new RegExp(`^  ${mode} .*all (.*)$`, "m").exec(requests);
  return all.split(" ").map((us, index) => [index + 1, Number(us)]);
};
const [quick, slow] = [processesOf("none"), processesOf("gc")];
write(
  "a-garbage-collection-that-slowed-every-request-requests.svg",
  lineChart({
    title: "Processor time of one request in 15 processes each (Node 26)",
    description: `Without a collection ${quick[0][1]} to ${quick.at(-1)[1]} µs, after one ${slow[0][1]} to ${slow.at(-1)[1]} µs.`,
    height: 150,
    x: { min: 1, max: 15, ticks: [1, 8, 15], format: (rank) => (rank === 1 ? "fastest process" : rank === 15 ? "slowest" : "median") },
    y: { min: 10, max: 17, ticks: [10, 12, 14, 16], format: (us) => `${us} µs` },
    lines: [
      { label: "one full collection after 20 requests", tone: "hot", dots: true, points: slow, labelAt: [15, Math.max(15.8, slow.at(-1)[1] + 0.4)] },
      { label: "no collection", dots: true, points: quick, labelAt: [15, quick.at(-1)[1] + 0.4] },
    ],
  }),
);
