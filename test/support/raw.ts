// Sends raw bytes to a server, as a careless or hostile client does.

import { connect, type AddressInfo, type Server } from "node:net";

export type RawResponse = { statuses: number[]; text: string; closed: boolean };

/**
 * Sends `bytes` (one character, one byte). Resolves when the server closes, or when `answers`
 * responses without Connection: close arrived.
 */
export function sendRaw(server: Server, bytes: string, count = 1): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    const statuses = () =>
      Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status)).filter(
        (status) => status !== 100,
      );
    const done = (closed: boolean) => {
      socket.destroy();
      resolve({ statuses: statuses(), text, closed });
    };
    socket
      .setEncoding("latin1")
      .setTimeout(30_000, () =>
        reject(new Error(`no response to ${JSON.stringify(bytes.slice(0, 80))}`)),
      );
    socket.on("data", (chunk: string) => {
      text += chunk;
      const promisesClose = /^connection: close\r$/im.test(text);
      if (statuses().length >= count && !promisesClose) done(false);
    });
    socket.on("error", () => done(true)); // a reset also ends the connection
    socket.on("end", () => done(true));
    socket.on("connect", () => socket.write(Buffer.from(bytes, "latin1")));
  });
}
