// node --expose-gc server.mjs MODE AFTER: a bare HTTP server. With the mode "gc" it collects garbage once, after so many requests.
import http from "node:http";

let requests = 0;
const server = http.createServer((request, response) => {
  requests++;
  if (requests === Number(process.argv[3]) && process.argv[2] === "gc") setImmediate(globalThis.gc);
  response.end("hello");
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("message", () => process.send(process.cpuUsage()));
process.on("disconnect", () => process.exit());
