// How many inquiries one network may send.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;

/**
 * Returns a function that counts an inquiry and returns 0, or beyond the limit only returns the
 * seconds to wait. `limit`: inquiries of one IPv4 address or IPv6 /48 within ten minutes; 0: no
 * limit. Only a keyed hash of a network is held, in memory, so a restart resets it.
 */
export function createRateLimit(limit: number): (ip: string, now: Date) => number {
  const key = randomBytes(32).toString("hex");
  const timesOf = new Map<string, number[]>();

  return (ip, now) => {
    if (limit === 0) return 0;
    const at = now.getTime();
    const id = hash("sha256", key + networkOf(ip), "base64");
    const recent = timesOf.get(id)?.filter((time) => at - time < windowMs) ?? [];
    const oldest = recent.at(-limit);
    if (oldest !== undefined) return Math.ceil((oldest + windowMs - at) / 1_000);
    timesOf.delete(id); // so that it becomes the newest
    timesOf.set(id, [...recent, at]);
    for (const [other, times] of timesOf) {
      if (at - (times.at(-1) ?? 0) < windowMs) break; // the others are newer
      timesOf.delete(other);
    }
    return 0;
  };
}

/** Returns an IPv4 address, also if it is mapped to IPv6, or an IPv6 /48. */
function networkOf(ip: string): string {
  if (isIP(ip) === 0) return ip;
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const canonical = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // RFC 5952
  if (canonical.startsWith("::ffff:")) return canonical;
  const [start = ""] = canonical.split("::"); // the rest is at least two groups of zeros
  return [...start.split(":"), "0", "0"].slice(0, 3).join(":");
}
