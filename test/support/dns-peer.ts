// A real DNS server on the loopback interface, over UDP, with a small zone. Options make it silent
// or make it fail.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import dnsPacket, { type Answer } from "dns-packet";
import { opened } from "./opened.ts";

type Records = { MX?: string[]; A?: string[]; CNAME?: string; TXT?: string[] };

/**
 * The response codes of RFC 1035, section 4.1.1. dns-packet reads them from the lowest bits of the
 * flags.
 */
const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/**
 * Starts the server. `zone` has the records of each domain that exists; every other name is an
 * NXDOMAIN. `peer.failure` makes it respond with a failure, or not at all.
 */
export async function startDnsPeer(zone: Record<string, Records>) {
  const socket = createSocket("udp4");
  opened.defer(() => void socket.close());
  const peer = {
    server: "",
    /** The questions so far, such as "MX nordhavn.dk". */
    questions: [] as string[],
    failure: undefined as keyof typeof codes | "silence" | undefined,
  };
  socket.on("message", (message, sender) => {
    const { id, questions = [] } = dnsPacket.decode(message);
    const [{ name, type } = { name: "", type: "MX" as const }] = questions;
    peer.questions.push(`${type} ${name}`);
    if (peer.failure === "silence") return;
    const records = zone[name];
    const answers = answersTo(name, type, records ?? {});
    const flags = codes[peer.failure ?? (records ? "NOERROR" : "NXDOMAIN")];
    const response = dnsPacket.encode({
      id: id ?? 0,
      type: "response",
      flags,
      questions,
      answers: peer.failure ? [] : answers,
    });
    socket.send(response, sender.port, sender.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  peer.server = `127.0.0.1:${socket.address().port}`;
  return peer;
}

function answersTo(
  name: string,
  type: string,
  { MX = [], A = [], TXT = [], CNAME }: Records,
): Answer[] {
  if (CNAME) return [{ name, type: "CNAME", ttl: 60, data: CNAME }];
  if (type === "A") return A.map((data) => ({ name, type, ttl: 60, data }));
  if (type === "TXT") return TXT.map((data) => ({ name, type, ttl: 60, data }));
  if (type !== "MX") return [];
  return MX.map((exchange) => ({ name, type, ttl: 60, data: { preference: 10, exchange } }));
}
