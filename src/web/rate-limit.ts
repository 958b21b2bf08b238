// Limits how many inquiries each network can send. Only a keyed hash of the network is held, in memory, so a restart resets it.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import QuickLRU from "quick-lru";

const windowMs = 10 * 60_000;
const maxNetworks = 10_000;
const maxTimestamps = 10; // the spam score needs no more

/** `limit` is the maximum number of inquiries of one network within 10 minutes; 0: no limit. */
export function createRateLimit(limit: number, now: () => Date) {
  const key = randomBytes(32).toString("hex");
  const timestamps = new QuickLRU<string, number[]>({ maxSize: maxNetworks });

  /** Returns the hash of an address's network, and the times of its inquiries in the last ten minutes, oldest first. */
  function recent(ip: string): { network: string; times: number[] } {
    const network = hash("sha256", key + prefix(ip), "base64"); // an HMAC took 15 % of the time of a post
    const at = now().getTime();
    const times = (timestamps.get(network) ?? []).filter(
      (time) => time > at - windowMs && time <= at,
    );
    return { network, times };
  }

  return {
    /** Returns how many inquiries this network sent in the last ten minutes, at most ten or the limit, whichever is higher. */
    recentCount: (ip: string) => recent(ip).times.length,

    /** Counts one inquiry and returns 0. If the limit is reached, counts nothing and returns the seconds to wait. */
    take(ip: string): number {
      const { network, times } = recent(ip);
      const at = now().getTime();
      if (limit > 0 && times.length >= limit)
        return Math.ceil(((times.at(-limit) ?? 0) + windowMs - at) / 1_000);
      timestamps.set(network, [...times, at].slice(-Math.max(limit, maxTimestamps)));
      return 0;
    },

    /** Removes the last inquiry from the count, because it was not stored. */
    giveBack(ip: string): void {
      const { network, times } = recent(ip);
      timestamps.set(network, times.slice(0, -1));
    },
  };
}

/** Returns an IPv4 address in canonical form, or the /64 of an IPv6 address, which is about one household. */
function prefix(ip: string): string {
  if (isIP(ip) === 0) return ip;
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const address = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // in the canonical spelling of RFC 5952
  if (address.startsWith("::ffff:")) return address;
  const zeros = "0:".repeat(8 - address.split(":").filter(Boolean).length);
  return address.replace("::", `:${zeros}`).split(":").filter(Boolean).slice(0, 4).join(":");
}
