// Prints what the last page waited for: node spans.mjs FILE, which has what OpenTelemetry's agent logged with the exporter logging-otlp.

import { readFileSync } from "node:fs";

const client = 3; // the kind of a span that calls somebody
const server = 2;
const spans = readFileSync(process.argv[2], "utf8")
  .split("\n")
  .filter((line) => line.includes('"scopeSpans"'))
  .map((line) => JSON.parse(line.slice(line.indexOf("{"))))
  .flatMap((line) => line.scopeSpans ?? line.resourceSpans.flatMap((resource) => resource.scopeSpans))
  .flatMap((scope) => scope.spans);
const page = spans.filter(({ name, kind }) => kind === server && name === "GET /orders").at(-1);
const millis = (to, from) => (Number(BigInt(to) - BigInt(from)) / 1e6).toFixed(0).padStart(7);
console.log("     at    took  span");
for (const { name, startTimeUnixNano: from, endTimeUnixNano: to } of spans
  .filter(({ traceId, kind, name, parentSpanId }) => traceId === page.traceId && parentSpanId !== undefined && parentSpanId !== "" && (kind === client || name.endsWith("getConnection")))
  .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano))))
  console.log(millis(from, page.startTimeUnixNano), millis(to, from), name);
console.log(`${millis(page.endTimeUnixNano, page.startTimeUnixNano)}          the answer is sent`);
