// node server.mjs WAY: a server on descriptor 3 that ends at SIGTERM, in one of four ways.
import { once } from "node:events";
import { createServer } from "node:http";
import { Server as NetServer } from "node:net";
import { setImmediate as yieldToEventLoop, setTimeout as sleep } from "node:timers/promises";

const graceMs = 500; // longer than a client takes to send its next request
const server = createServer((_request, response) => {
  const end = performance.now() + 0.1; // a page takes a tenth of a millisecond
  while (performance.now() < end);
  response.end("hello\n");
});
server.keepAliveTimeout = 75_000; // longer than a proxy keeps an idle connection open

/** From now on, each response is the last of its connection. */
function endConnections() {
  server.prependListener("request", (_request, response) => {
    response.shouldKeepAlive = false;
  });
  server.keepAliveTimeout = graceMs;
}

const ways = {
  // region exit
  exit: () => process.exit(),
  // endregion
  // region close
  close: () => server.close(),
  // endregion
  // region last
  async last() {
    endConnections(); // each response says "Connection: close"
    await sleep(graceMs);
    server.close();
  },
  // endregion
  // region net
  async net() {
    endConnections();
    NetServer.prototype.close.call(server); // accepts nothing new, and leaves connections alone
    await Promise.race([once(server, "close"), sleep(graceMs)]);
    await yieldToEventLoop(); // reads what arrived while the timer was late
    server.closeIdleConnections();
  },
  // endregion
};

process.on("SIGTERM", ways[process.argv[2]]);
server.listen({ fd: 3 }, () => console.log("listening"));
