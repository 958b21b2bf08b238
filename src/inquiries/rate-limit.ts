// Limits how many inquiries each network can send. Only a keyed hash of a network is held, in
// memory, so a restart resets it.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;
/** With more networks, those whose last inquiry is oldest are forgotten. */
const maxNetworks = 10_000;
/** The spam score needs no more, also if there is no limit. */
const minTimes = 10;

/** `limit`: inquiries of one IPv4 address or IPv6 /48 within ten minutes; 0: no limit. */
export function createRateLimit(limit: number) {
  const key = randomBytes(32).toString("hex");
  const timesOf = new Map<string, number[]>();

  /** Returns the times of a network's recent inquiries. */
  function recentTimes(id: string, now: Date): number[] {
    const isRecent = (time: number) => time <= now.getTime() && now.getTime() - time < windowMs;
    return timesOf.get(id)?.filter(isRecent) ?? [];
  }

  const idOf = (ip: string) => hash("sha256", key + networkOf(ip), "base64");

  return {
    /** Returns how many inquiries the network sent in the last ten minutes, ten at most. */
    recentCount: (ip: string, now: Date): number => recentTimes(idOf(ip), now).length,

    /** Counts an inquiry and returns 0. Beyond the limit, only returns the seconds to wait. */
    take(ip: string, now: Date): number {
      const id = idOf(ip);
      const times = recentTimes(id, now);
      const oldest = limit > 0 ? times.at(-limit) : undefined;
      if (oldest !== undefined) return Math.ceil((oldest + windowMs - now.getTime()) / 1_000);
      timesOf.delete(id); // so that it becomes the newest
      timesOf.set(id, [...times, now.getTime()].slice(-Math.max(limit, minTimes)));
      for (const [other, all] of timesOf) {
        const isOld = now.getTime() - (all.at(-1) ?? 0) >= windowMs;
        if (!isOld && timesOf.size <= maxNetworks) break; // the network at the start is the oldest
        timesOf.delete(other);
      }
      return 0;
    },
  };
}

/** Returns an IPv4 address, also if it is mapped to IPv6, or an IPv6 /48. */
function networkOf(ip: string): string {
  if (isIP(ip) === 0) return ip;
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const canonical = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // RFC 5952
  if (canonical.startsWith("::ffff:")) return canonical;
  const [start = ""] = canonical.split("::"); // what follows are zeros, two groups or more
  return [...start.split(":"), "0", "0"].slice(0, 3).join(":");
}
