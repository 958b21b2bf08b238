// How many inquiries one network may send.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;

/**
 * `limit`: inquiries of one IPv4 address or IPv6 /48 within ten minutes; 0: no limit. Only a keyed
 * hash of a network is held, in memory, so a restart resets it.
 */
export function createRateLimit(limit: number) {
  const key = randomBytes(32).toString("hex");
  const timesById = new Map<string, number[]>();
  const hashNetwork = (ip: string) => hash("sha256", key + toNetwork(ip), "base64");

  return {
    /** Counts an inquiry and returns 0, or beyond the limit only returns the seconds to wait. */
    count(ip: string, now: Date): number {
      if (limit === 0) return 0;
      const at = now.getTime();
      // A clock that was ahead for a while must not lock a network out.
      const isRecent = (time: number) => Math.abs(at - time) < windowMs;
      const id = hashNetwork(ip);
      const recent = timesById.get(id)?.filter(isRecent) ?? [];
      const oldest = recent.at(-limit);
      if (oldest !== undefined) return Math.ceil((oldest + windowMs - at) / 1_000);
      timesById.delete(id); // so that it becomes the newest
      timesById.set(id, [...recent, at]);
      for (const [other, times] of timesById) {
        if (times.some(isRecent)) break; // the others are newer
        timesById.delete(other);
      }
      return 0;
    },

    /** Takes the last count of a network back. */
    takeBack: (ip: string) => void timesById.get(hashNetwork(ip))?.pop(),
  };
}

/**
 * Returns an IPv4 address, also if it is mapped to IPv6, or an IPv6 /48. Some proxies write
 * `IP:port` into X-Forwarded-For. What is no address is one network.
 */
function toNetwork(address: string): string {
  const [, ip = address] =
    /^([\d.]+):\d+$|^\[(.+)\](?::\d+)?$/.exec(address)?.filter(Boolean) ?? [];
  if (isIP(ip) === 0) return "";
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const canonical = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // RFC 5952
  if (canonical.startsWith("::ffff:")) return canonical;
  const [start = ""] = canonical.split("::"); // the rest is at least two groups of zeros
  return [...start.split(":"), "0", "0"].slice(0, 3).join(":");
}
