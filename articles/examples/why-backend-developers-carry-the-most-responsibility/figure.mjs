import { readOutput, spanChart, write } from "../figure.mjs";

const [without, withTimeout] = readOutput(import.meta.dirname, "output.txt").split("\n\n");

function rowsOf(output, labels) {
  const spans = (name) =>
    [...output.matchAll(new RegExp(`^${name}: ([\\d.]+) to ([\\d.]+) s(.*)`, "gm"))].map(([, from, to, end]) => {
      return { from: Number(from), to: Math.max(Number(to), Number(from) + 0.08), gaveUp: end !== ", done" };
    });
  const [report] = spans("report");
  const tries = spans("migration");
  const late = /(\d+) took longer/.exec(output)[1];
  const slowest = Number(/slowest (\d+) ms/.exec(output)[1]);
  const waits = tries.filter(({ from, to }) => to - from > 0.1);
  const ends = [0, ...waits.map(({ to }) => to)];
  const free = ends.map((from, index) => ({ from, to: waits[index]?.from ?? 7 }));
  return [
    { label: labels[0], spans: [{ ...report, tone: "ink" }] },
    { label: labels[1], spans: tries.map((one) => ({ ...one, tone: one.to - one.from > 0.1 ? "hot" : "bar" })) },
    {
      label: labels[2],
      text: `${late} slow, up to ${slowest.toLocaleString("en")} ms`,
      spans: [...free.map((span) => ({ ...span, tone: "bar" })), ...waits.map((span) => ({ ...span, tone: "hot" }))],
    },
  ];
}

write(
  "why-backend-developers-carry-the-most-responsibility-locks.svg",
  spanChart({
    title: "A migration behind a report, and a checkout behind the migration",
    description:
      "Without a lock timeout, the migration waits until the report ends, and every read of the checkout waits with it. With a lock timeout of 200 ms, the reads are held up for moments.",
    x: { min: 0, max: 7, ticks: [0, 1, 2, 3, 4, 5, 6, 7], format: (seconds) => `${seconds} s` },
    rows: [
      ...rowsOf(without, ["A report reads the table", "The migration waits", "The checkout’s reads"]),
      ...rowsOf(withTimeout, ["The same report", "The migration, with a lock timeout", "The checkout’s reads"]),
    ],
  }),
);
