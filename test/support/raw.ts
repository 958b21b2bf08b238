// Bytes to a socket as a careless or hostile client sends them, and what comes back until the server or the client ends.

import { connect, type AddressInfo, type Server } from "node:net";

export type RawAnswer = { statuses: number[]; text: string; closed: boolean };

/** Sends `bytes` (one character, one byte) and reads until the other side closes, or has answered as often as it is asked to. */
export function sendRaw(server: Server, bytes: string, answers = 1): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    const statuses = () =>
      Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status)).filter((status) => status !== 100);
    const done = (closed: boolean) => {
      socket.destroy();
      resolve({ statuses: statuses(), text, closed });
    };
    socket.setEncoding("latin1").setTimeout(5_000, () => reject(new Error(`no answer to ${JSON.stringify(bytes.slice(0, 80))}`)));
    socket.on("data", (chunk: string) => {
      text += chunk;
      const promisesClose = /^connection: close\r$/im.test(text);
      if (statuses().length >= answers && !promisesClose) done(false);
    });
    socket.on("error", () => done(true)); // a reset is an end too
    socket.on("end", () => done(true));
    socket.on("connect", () => socket.write(Buffer.from(bytes, "latin1")));
  });
}
