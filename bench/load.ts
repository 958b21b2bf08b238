// `node bench/load.ts ORIGIN SECONDS REQUESTS`: sends requests over 32 keep-alive connections, each
// after the response to the one before, and prints how many got a response. A response that fails
// or has another status than 2xx, 303 or 304 ends it.

import { connect } from "node:net";
import { filledForm } from "../test/support/form.ts";
import type { Load } from "./measure.ts";

const [origin = "", seconds = "1", json = "{}"] = process.argv.slice(2);
const { paths, headers = {}, post = false } = JSON.parse(json) as Load;
const { hostname, port } = new URL(origin);
const fixed = Object.entries({ Host: "localhost", ...headers })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const until = performance.now() + Number(seconds) * 1_000;
let sent = 0;
let received = 0;

function nextRequest(): string {
  sent += 1;
  const path = paths[sent % paths.length] ?? "/";
  if (!post) return `GET ${path} HTTP/1.1\r\n${fixed}\r\n`;
  const message = `Number ${sent} of process ${process.pid}.`;
  const body = new URLSearchParams({ ...filledForm, message }).toString();
  const type = "Content-Type: application/x-www-form-urlencoded\r\n";
  return `POST ${path} HTTP/1.1\r\n${fixed}${type}Content-Length: ${body.length}\r\n\r\n${body}`;
}

for (let index = 0; index < 32; index += 1) {
  const socket = connect(Number(port), hostname);
  let missing = 0; // bytes of the response
  const send = () => (performance.now() > until ? socket.destroy() : socket.write(nextRequest()));
  socket.on("connect", send).on("data", (chunk: Buffer) => {
    if (missing === 0) {
      const head = chunk.subarray(0, chunk.indexOf("\r\n\r\n") + 4).toString("latin1");
      if (!/^HTTP\/1\.1 (2|304|303)/.test(head)) throw new Error(head);
      missing = head.length + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    }
    missing -= chunk.length;
    if (missing > 0) return;
    received += 1;
    send();
  });
}
process.on("exit", () => console.log(received));
