// node natural-server.mjs KIND FILE: a server that loads a file of JSON 300 ms after it has begun to listen, or with "first" before that.
// "bare" uses node:http alone, the others Express with a template of EJS. Asked for the time, it prints how long a tick takes.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";

const [kind, file] = process.argv.slice(2);
let handler = (request, response) => response.end("hello");
if (kind !== "bare") {
  const { default: express } = await import("express");
  const { default: ejs } = await import("ejs");
  const page = ejs.compile("<h1><%= name %></h1>");
  handler = express().get("/", (request, response) => response.send(page({ name: "hello" })));
}
let data;
if (kind === "first") data = JSON.parse(readFileSync(file, "utf8"));
else setTimeout(async () => (data = JSON.parse(await readFile(file, "utf8"))), 300);

http.createServer(handler).listen(0, "127.0.0.1", function () {
  process.send(this.address().port);
});
process.on("message", () => {
  let done = 0;
  const start = process.cpuUsage().user;
  const tick = () => (++done < 1_000_000 ? process.nextTick(tick) : process.send((process.cpuUsage().user - start) / 1000));
  process.nextTick(tick);
});
process.on("disconnect", () => process.exit(data ? 0 : 1));
