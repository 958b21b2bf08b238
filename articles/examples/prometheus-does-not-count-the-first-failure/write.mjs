// Writes three hours of scrapes for twelve situations into a Prometheus, by remote write: node write.mjs URL
// With "gaps" after it: six hours for five gaps. Without a URL it prints each situation and its true number of failures.

const [url, kind] = process.argv.slice(2);
const end = 1_793_620_800; // 2 November 2026, 12:00 UTC
const hours = kind === "gaps" ? 6 : 3;
const scrapeSeconds = 30;

// region scrapes
// Failures of the last hour, situation, pods. A pod is a list of minute=value, where its counter changes. Before
// its first minute the series does not exist; "gone" ends it. Minutes 120 to 180 are the hour that is counted.
// "failed" is one scrape without an answer, for which Prometheus marks the series as stale. "down" is a
// Prometheus that stores nothing until the next minute of the list.
const situations = [
  [3, "one pod from 0", "0=0 140=1 150=2 160=3"],
  [3, "one pod new series", "140=1 150=2 160=3"],
  [3, "three pods new series", "140=1", "150=1", "160=1"],
  [3, "all between two scrapes", "150=3"],
  [3, "pod replaced", "125=1 135=2 140=gone", "150=1"],
  [3, "restarted same labels", "0=5 140=gone 145=1 150=2 160=3"],
  [2, "one an hour before", "110=1 150=2 160=3"],
  [0, "all an hour before", "0=4"],
  [0, "scrape failed an hour before", "0=4 120=failed"],
  [0, "down for 10 min an hour before", "0=4 111=down 121=4"],
  [0, "unreachable for 6 min before", "0=4 115=gone 121=4"],
  [0, "label changed", "0=4 150=gone", "150=4"],
];
// endregion

// region gaps
// Four old failures, and a Prometheus that stores nothing from minute 60 until it is back.
const gaps = [50, 70, 90, 110, 130].map((gap) => [0, `gap of ${gap} minutes`, `0=4 60=down ${60 + gap}=4`]);
gaps.push([0, "empty disk", "60=4"]);
// endregion

/** The value by which Prometheus marks a series as stale: a NaN of its own. */
const stale = Buffer.from("020000000000f07f", "hex");

/** Returns the samples of one scrape, [labels, value] each, and the marks of series that have ended. */
function scrape(second, at = second / 60) {
  return (kind === "gaps" ? gaps : situations).flatMap(([, situation, ...pods]) =>
    pods.flatMap((pod, number) => {
      const changes = pod.split(" ").map((change) => change.split("="));
      const isFailed = changes.some(([minute, value]) => value === "failed" && Number(minute) === at);
      const before = changes.filter(([minute, value]) => value !== "failed" && Number(minute) <= at);
      const [since, value] = before.at(-1) ?? [];
      const labels = [["__name__", "checkout_failures_total"], ["pod", "abc"[number]], ["situation", situation.replaceAll(" ", "-")]];
      if (isFailed || (value === "gone" && Number(since) === at)) return [[labels, stale]];
      if (value === undefined || value === "gone" || value === "down") return [];
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return [[labels, bytes]];
    }),
  );
}

// The protocol: a protobuf message, in Snappy's format without compression.

function varint(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}
const field = (id, bytes) => Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
const series = (labels, value, ms) =>
  field(1, Buffer.concat([
    ...labels.map(([name, text]) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(text))]))),
    field(2, Buffer.concat([varint((1 << 3) | 1), value, varint(2 << 3), varint(ms)])),
  ]));

function snappy(bytes) {
  const size = bytes.length - 1;
  return Buffer.concat([varint(bytes.length), Buffer.from([61 << 2, size & 255, size >> 8]), bytes]);
}

if (url)
  for (let second = 0; second <= hours * 3600; second += scrapeSeconds) {
    const ms = (end - hours * 3600 + second) * 1000;
    const body = snappy(Buffer.concat(scrape(second).map(([labels, value]) => series(labels, value, ms))));
    const headers = { "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0" };
    const response = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }
else for (const [failures, situation] of situations) console.log(`${failures} ${situation.replaceAll(" ", "-")}`);
