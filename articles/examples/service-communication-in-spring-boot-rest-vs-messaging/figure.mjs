// Draws the article's figure from three outputs with the site's drawing module: node figure.mjs

import { barChart, readOutput, write } from "../figure.mjs";

const readRuns = (file) =>
  readOutput(import.meta.dirname, file)
    .split("\n\n")[0]
    .split("\n")
    .flatMap((line) => {
      const [, fault, way, ...counts] = /^(\S+ \S+) +(rest|send|confirm|outbox) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)/.exec(line) ?? [];
      return fault ? [{ fault: fault.replace("stopped, killed", "broker stopped, then killed"), way, counts: counts.map(Number) }] : [];
    });
const isFrozen = ({ fault }) => fault.endsWith("then killed");
const runs = [...readRuns("output.txt"), ...readRuns("output-frozen.txt").filter(isFrozen), readRuns("output-again.txt").find(({ way }) => way === "outbox")];
const names = { rest: "REST", send: "send", confirm: "confirm", outbox: "outbox" };

/** The parts of a bar, without the empty ones. In the hot ones the caller was told something else than what happened. */
const partsOf = ([paid, refused, refusedButPaid, acceptedNotPaid, twice]) =>
  [
    { value: paid - twice, text: `${paid - twice}` },
    { value: refused, text: refused > 120 ? `${refused} refused` : `${refused}`, tone: "line" }, // where the words fit
    { value: refusedButPaid, text: `${refusedButPaid} but paid`, tone: "hot" },
    { value: acceptedNotPaid, text: `${acceptedNotPaid} lost`, tone: "hot" },
    { value: twice, text: `${twice} paid twice`, tone: "hot" },
  ].filter(({ value }) => value > 0);

/** For each fault its ways, with those in one row under which every order was accepted and paid. */
const rows = [...new Set(runs.map(({ fault }) => fault))].flatMap((fault) => {
  const ways = runs.filter((run) => run.fault === fault);
  const without = ways.filter(({ counts }) => counts[0] === 240 && counts[4] === 0);
  const rest = ways.filter((way) => !without.includes(way));
  return [
    { label: fault, parts: [] },
    ...rest.map(({ way, counts }) => ({ label: `– ${names[way]}`, parts: partsOf(counts) })),
    ...without.slice(0, 1).map(({ way, counts }) => ({ label: without.length > 1 ? "– the others" : `– ${names[way]}`, parts: partsOf(counts) })),
  ];
});

write(
  "service-communication-in-spring-boot-rest-vs-messaging-faults.svg",
  barChart({
    title: "What the caller was told of 240 orders, and what was paid",
    description: runs
      .map(({ fault, way, counts: [paid, refused, refusedButPaid, lost, twice] }) => `${fault}, ${names[way]}: ${paid} accepted and paid, ${refused} refused, ${refusedButPaid} refused but paid, ${lost} accepted and never paid, ${twice} paid twice`)
      .join(". "),
    key: [
      ["bar", "accepted and paid"],
      ["line", "refused and not paid"],
      ["hot", "not what the caller was told"],
    ],
    x: { max: 240 * 1.63 },
    rows,
    beside: true,
  }),
);
