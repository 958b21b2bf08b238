// A mail server that fails in six ways, and records which mails it accepted: the Message-ID,
// when, and whether the client read the 250.

import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { listen } from "../support/listen.ts";

export type Taken = {
  messageId: string;
  body: string;
  answered: boolean;
  at: number;
};

// In percent. Most mails are accepted, because only those can be lost afterwards or sent twice.
const behaviours = {
  accepts: 70,
  "451 at RCPT": 8,
  "550 at RCPT": 4,
  "451 after DATA": 6,
  "accepts and drops": 6,
  "accepts and hangs": 3,
  hangs: 3,
};
type Behaviour = keyof typeof behaviours;

/**
 * Starts listening. It implements as much of SMTP as a client without TLS and login uses. After the
 * first `faulty` mails it accepts every one.
 */
export async function startFaultyPeer(faulty: number) {
  const taken: Taken[] = [];
  const met: Partial<Record<Behaviour, number>> = {};
  const sockets = new Set<Socket>();
  let mails = 0;

  /** How the server treats the next mail: the same sequence in every run. */
  function nextBehaviour(): Behaviour {
    mails += 1;
    let draw = createHash("sha256").update(`mail ${mails}`).digest().readUInt32BE() % 100;
    const drawn = Object.entries(behaviours).find(([, percent]) => (draw -= percent) < 0);
    const behaviour = drawn && mails <= faulty ? (drawn[0] as Behaviour) : "accepts";
    met[behaviour] = (met[behaviour] ?? 0) + 1;
    return behaviour;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the client is killed
    const behaviour = nextBehaviour();
    const say = (line: string) => void socket.write(`${line}\r\n`);
    let text = "";
    let inData = false;
    if (behaviour === "hangs") return;
    say("220 faulty.example");
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (;;) {
        const end = inData ? text.indexOf("\r\n.\r\n") : text.indexOf("\r\n");
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          dataArrived(part);
        } else commandArrived(part);
      }
    });

    function commandArrived(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "RCPT" && behaviour.endsWith("at RCPT"))
        return say(`${behaviour.slice(0, 3)} not now`);
      if (verb === "DATA") {
        inData = true;
        return say("354 go on");
      }
      if (verb === "QUIT") {
        say("221 bye");
        return void socket.end();
      }
      say("250 fine");
    }

    function dataArrived(mail: string): void {
      if (behaviour === "451 after DATA") return say("451 not now");
      const answered = behaviour === "accepts";
      const [, messageId = ""] = /^Message-ID: (.*)/im.exec(mail) ?? [];
      const body = mail.replace(/=\r\n/g, "");
      taken.push({ messageId, body, answered, at: Date.now() });
      if (answered) say("250 accepted");
      if (behaviour === "accepts and drops") socket.destroy();
    }
  });
  const origin = await listen(server);
  return {
    url: origin.replace("http:", "smtp:"),
    taken,
    /** How many mails were treated in which way. */
    met,
    close(): void {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
