// How many inquiries one network may have stored within ten minutes. Kept in memory and by a keyed hash of the network, so that
// no address is stored anywhere; a restart forgets it, which costs nothing.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;
const sweepEveryMs = 60_000;
const mostCounted = 10; // more times than the limit, or than suspicion asks for, are of no use

export function createRateLimit(limit: number, now: () => Date) {
  const key = randomBytes(32).toString("hex");
  const stored = new Map<string, number[]>();
  let sweptAt = 0;

  /** When this network's inquiries of the last ten minutes were stored, oldest first. */
  function recent(network: string): number[] {
    const at = now().getTime();
    const since = at - windowMs;
    if (Math.abs(at - sweptAt) >= sweepEveryMs) {
      for (const [other, times] of stored) if (!times.some((time) => time > since && time <= at)) stored.delete(other);
      sweptAt = at;
    }
    return (stored.get(network) ?? []).filter((time) => time > since && time <= at);
  }

  const networkOf = (ip: string) => hash("sha256", key + prefix(ip), "base64"); // an HMAC took 15 % of a post

  return {
    /** How many this network has stored lately; ten or the limit, if more. */
    recentCount: (ip: string) => recent(networkOf(ip)).length,

    /** Counts one inquiry and answers 0, or answers the seconds to wait and counts nothing. */
    take(ip: string): number {
      const network = networkOf(ip);
      const times = recent(network);
      if (limit > 0 && times.length >= limit) return Math.ceil(((times.at(-limit) ?? 0) + windowMs - now().getTime()) / 1_000);
      stored.set(network, [...times, now().getTime()].slice(-Math.max(limit, mostCounted)));
      return 0;
    },

    /** The inquiry that was counted last was not stored after all. */
    giveBack(ip: string): void {
      const network = networkOf(ip);
      stored.set(network, recent(network).slice(0, -1));
    },
  };
}

/** The IPv4 address, also where it comes as ::ffff:a.b.c.d or in hexadecimal, or the /64 of an IPv6 one: a household has that many. */
function prefix(ip: string): string {
  if (isIP(ip) === 0) return ip;
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const address = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // in the one spelling that browsers use
  if (address.startsWith("::ffff:")) return address;
  const zeros = "0:".repeat(8 - address.split(":").filter(Boolean).length);
  return address.replace("::", `:${zeros}`).split(":").filter(Boolean).slice(0, 4).join(":");
}
