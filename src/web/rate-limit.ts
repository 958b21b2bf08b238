// How many inquiries one network may have stored within ten minutes. Kept in memory and by a keyed hash of the network, so that
// no address is stored anywhere; a restart forgets it, which costs nothing.

import { createHmac, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;

export function createRateLimit(limit: number, now: () => Date) {
  const key = randomBytes(32);
  const stored = new Map<string, number[]>();

  /** When this network's inquiries of the last ten minutes were stored, oldest first. */
  function recent(ip: string): number[] {
    const since = now().getTime() - windowMs;
    for (const [network, times] of stored) if ((times.at(-1) ?? 0) <= since) stored.delete(network);
    return (stored.get(networkOf(ip)) ?? []).filter((time) => time > since);
  }

  const networkOf = (ip: string) => createHmac("sha256", key).update(prefix(ip)).digest("base64");

  return {
    /** How many this network has stored lately. */
    recentCount: (ip: string) => recent(ip).length,

    /** Counts one inquiry and answers 0, or answers the seconds to wait and counts nothing. */
    take(ip: string): number {
      const times = recent(ip);
      if (limit > 0 && times.length >= limit) return Math.ceil(((times.at(-limit) ?? 0) + windowMs - now().getTime()) / 1_000);
      stored.set(networkOf(ip), [...times, now().getTime()]);
      return 0;
    },

    /** The inquiry that was counted last was not stored after all. */
    giveBack(ip: string): void {
      stored.set(networkOf(ip), recent(ip).slice(0, -1));
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
