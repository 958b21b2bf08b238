// A mail server at its worst, and the ledger of what it took: by Message-ID, when, and whether it said so.

import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";

export type Taken = { messageId: string; subject: string; body: string; answered: boolean; at: number };

type Mood = "takes" | "451 at RCPT" | "550 at RCPT" | "451 after DATA" | "takes and drops" | "takes and hangs" | "hangs";
const moods: Mood[] = ["takes", "451 at RCPT", "550 at RCPT", "451 after DATA", "takes and drops", "takes and hangs", "hangs"];
// Of a hundred mails; a mail server that mostly works has the most to lose.
const weights = [70, 8, 4, 6, 6, 3, 3];

/** Speaks just enough SMTP for a client without TLS and login. */
export async function startFaultyPeer() {
  const taken: Taken[] = [];
  const met: Partial<Record<Mood, number>> = {};
  const sockets = new Set<Socket>();
  let faulty = true;
  let mails = 0;

  /** Which mood the next mail meets: the same sequence in every run. */
  function nextMood(): Mood {
    mails += 1;
    let draw = createHash("sha256").update(`mail ${mails}`).digest().readUInt32BE() % 100;
    const mood = faulty ? (moods[weights.findIndex((weight) => (draw -= weight) < 0)] ?? "takes") : "takes";
    met[mood] = (met[mood] ?? 0) + 1;
    return mood;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the client is killed: that is the game
    const mood = nextMood();
    const say = (line: string) => void socket.write(`${line}\r\n`);
    let text = "";
    let inData = false;
    if (mood === "hangs") return;
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
      if (verb === "RCPT" && mood.endsWith("at RCPT")) return say(`${mood.slice(0, 3)} not now`);
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
      if (mood === "451 after DATA") return say("451 not now");
      const answered = mood === "takes";
      const header = (name: string) => new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, "im").exec(mail)?.[1] ?? "";
      const body = mail.replace(/=\r\n/g, "");
      taken.push({ messageId: header("Message-ID"), subject: header("Subject"), body, answered, at: Date.now() });
      if (answered) say("250 taken");
      if (mood === "takes and drops") socket.destroy();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    /** How many mails met which mood. */
    met,
    behave(): void {
      faulty = false;
    },
    close(): void {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
