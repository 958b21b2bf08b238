// Limits how many inquiries each network can send. Only a keyed hash of a network is held, in
// memory, so a restart resets it.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;
/** With many more networks, the ones that were silent for longest are forgotten. */
const maxNetworks = 10_000;
/** The spam score needs no more, also if there is no limit. */
const minTimes = 10;
/** How many times the limit a provider's network may send: a /48, or an IPv4 /24. */
const largeNetworkFactor = 4;

/** `limit`: inquiries of one IPv4 address or IPv6 /64 within ten minutes; 0: no limit. */
export function createRateLimit(limit: number) {
  const key = randomBytes(32).toString("hex");
  const timesOf = new Map<string, number[]>();

  function recent(network: string, now: Date): { id: string; times: number[] } {
    const id = hash("sha256", key + network, "base64");
    const at = now.getTime();
    const times = timesOf.get(id)?.filter((time) => time > at - windowMs && time <= at) ?? [];
    return { id, times };
  }

  return {
    /** Returns how many inquiries an address's network sent in the last ten minutes. */
    recentCount: (ip: string, now: Date) => recent(networksOf(ip).small, now).times.length,

    /** Counts an inquiry and returns 0. Beyond the limit, counts nothing and returns seconds to wait. */
    take(ip: string, now: Date): number {
      const { small, large } = networksOf(ip);
      const networks = [
        { ...recent(small, now), max: limit },
        { ...recent(large, now), max: limit * largeNetworkFactor },
      ];
      const waits = networks.map(({ times, max }) => {
        const oldest = max > 0 ? times.at(-max) : undefined; // undefined if fewer than the limit
        return oldest === undefined ? 0 : oldest + windowMs - now.getTime();
      });
      if (Math.max(...waits) > 0) return Math.ceil(Math.max(...waits) / 1_000);
      for (const { id, times, max } of networks) {
        timesOf.delete(id); // so that it becomes the newest
        timesOf.set(id, [...times, now.getTime()].slice(-Math.max(max, minTimes)));
      }
      while (timesOf.size > maxNetworks) timesOf.delete(timesOf.keys().next().value ?? "");
      return 0;
    },
  };
}

/** Returns an IPv4 address and its /24, or an IPv6 address's /64, about one household, and its /48. */
function networksOf(ip: string): { small: string; large: string } {
  if (isIP(ip) === 0) return { small: ip, large: ip };
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const address = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // canonical (RFC 5952)
  const zeros = "0:".repeat(8 - address.split(":").filter(Boolean).length);
  const groups = address.replace("::", `:${zeros}`).split(":").filter(Boolean);
  const [high = "", low = ""] = groups.slice(6);
  if (address.startsWith("::ffff:"))
    return { small: `${high}.${low}`, large: `${high}.${low.padStart(4, "0").slice(0, 2)}` };
  return { small: groups.slice(0, 4).join(":"), large: groups.slice(0, 3).join(":") };
}
