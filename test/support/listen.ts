// Makes a server reachable, such as a site for requests that supertest cannot send.

import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { opened } from "./opened.ts";

/** Listens on a loopback port, by default a free one, until the test file ends. Returns the origin. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  opened.defer(() => {
    if ("closeAllConnections" in server) (server as HttpServer).closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
