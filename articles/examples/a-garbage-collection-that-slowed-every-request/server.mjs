// node --expose-gc server.mjs [gc]: a bare HTTP server. Collects garbage after its first 20 requests if it is asked to.
import http from "node:http";

let requests = 0;
const server = http.createServer((request, response) => {
  requests++;
  if (requests === 20 && process.argv[2] === "gc") setImmediate(globalThis.gc);
  response.end("hello");
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("message", () => process.send(process.cpuUsage()));
process.on("disconnect", () => process.exit());
