// A mail server that fails in six ways, and records which mails it accepted: the Message-ID,
// when, and whether the client read the 250.

import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { listen } from "../support/listen.ts";

export type Taken = {
  messageId: string;
  body: string;
  answered: boolean;
  at: number;
};

// How often each way of failing occurs, in percent. Most mails are accepted, because only those can
// be lost afterwards or sent twice.
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
 * Starts a server that listens until the test file ends. It implements as much of SMTP as a client
 * without TLS and login uses. After the first `faulty` mails it accepts every one. `met` counts how
 * many it treated in which way.
 */
export async function startFaultyPeer(faulty: number) {
  const taken: Taken[] = [];
  const met: Partial<Record<Behaviour, number>> = {};
  let mails = 0;

  /** Decides how the server treats the next mail, in the same sequence in every run. */
  function nextBehaviour(): Behaviour {
    mails += 1;
    let draw = createHash("sha256").update(`mail ${mails}`).digest().readUInt32BE() % 100;
    const drawn = Object.entries(behaviours).find(([, percent]) => (draw -= percent) < 0);
    const behaviour = drawn && mails <= faulty ? (drawn[0] as Behaviour) : "accepts";
    met[behaviour] = (met[behaviour] ?? 0) + 1;
    return behaviour;
  }

  const server = createServer((socket) => {
    const lines = createInterface(socket).on("error", () => {}); // the client is killed
    const behaviour = nextBehaviour();
    const say = (line: string) => void socket.write(`${line}\r\n`);
    let mail: string[] | undefined;
    if (behaviour === "hangs") return;
    say("220 faulty.example");
    lines.on("line", (line) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (mail && line !== ".") mail.push(line);
      else if (mail) {
        dataArrived(mail.join("\n"));
        mail = undefined;
      } else if (verb === "DATA") {
        mail = [];
        say("354 go on");
      } else if (verb === "QUIT") socket.end("221 bye\r\n");
      else if (verb === "RCPT" && behaviour.endsWith("at RCPT"))
        say(`${behaviour.slice(0, 3)} not now`);
      else say("250 fine");
    });

    function dataArrived(text: string): void {
      if (behaviour === "451 after DATA") return say("451 not now");
      const answered = behaviour === "accepts";
      const [, messageId = ""] = /^Message-ID: (.*)/im.exec(text) ?? [];
      const body = text.replace(/=\n/g, "");
      taken.push({ messageId, body, answered, at: Date.now() });
      if (answered) say("250 accepted");
      if (behaviour === "accepts and drops") socket.destroy();
    }
  });
  const url = (await listen(server)).replace("http:", "smtp:");
  return { url, taken, met };
}
