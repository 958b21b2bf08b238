// Draws the article's figure from output.txt with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const lines = readOutput(import.meta.dirname, "output.txt").split("\n\n")[0].split("\n").slice(3);
const runs = lines.map((line) => {
  const [, fault, way, ...counts] = /^(\S+ \S+) +(\S+) +(\d+) +(\d+) +(\d+) +(\d+)/.exec(line);
  return { fault, way, counts: counts.map(Number) };
});
const names = { rest: "REST", send: "send", confirm: "confirm", outbox: "outbox" };

/** The parts of a bar, without the empty ones. What the caller was told and what happened differ in the hot ones. */
const partsOf = ([paid, refused, refusedButPaid, acceptedNotPaid]) =>
  [
    { value: paid, text: `${paid}` },
    { value: refused, text: `${refused} refused`, tone: "line" },
    { value: refusedButPaid, text: `${refusedButPaid} but paid`, tone: "hot" },
    { value: acceptedNotPaid, text: `${acceptedNotPaid} lost`, tone: "hot" },
  ].filter(({ value }) => value > 0);

/** For each fault its ways, with those in one row under which every order was accepted and paid. */
const rows = [...new Set(runs.map(({ fault }) => fault))].flatMap((fault) => {
  const ways = runs.filter((run) => run.fault === fault);
  const without = ways.filter(({ counts }) => counts[0] === 240);
  const rest = ways.filter((way) => !without.includes(way));
  return [
    { label: fault, parts: [] },
    ...rest.map(({ way, counts }) => ({ label: `– ${names[way]}`, parts: partsOf(counts) })),
    { label: without.length > 1 ? "– the others" : `– ${names[without[0].way]}`, parts: partsOf(without[0].counts) },
  ];
});

write(
  "service-communication-in-spring-boot-rest-vs-messaging-faults.svg",
  barChart({
    title: "What the caller was told of 240 orders, and what was paid",
    description: runs
      .map(({ fault, way, counts: [paid, refused, refusedButPaid, lost] }) => `${fault}, ${names[way]}: ${paid} accepted and paid, ${refused} refused, ${refusedButPaid} refused but paid, ${lost} accepted and never paid`)
      .join(". "),
    key: [
      ["bar", "accepted and paid"],
      ["line", "refused and not paid"],
      ["hot", "the caller was told something else"],
    ],
    x: { max: 240 * 1.63 },
    rows,
    beside: true,
  }),
  { small: "service-communication-in-spring-boot-rest-vs-messaging" },
);
