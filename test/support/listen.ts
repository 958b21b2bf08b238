// Makes a server reachable, such as a site for requests that supertest cannot send.

import type { AddressInfo, Server } from "node:net";

/** Listens on a loopback port, by default a free one. Returns the origin. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
