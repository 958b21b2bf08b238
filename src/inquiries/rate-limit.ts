// Limits how many inquiries one network may send.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

export type Window = Readonly<{ ms: number; max: number }>;

/**
 * `windows` say how many inquiries one network, which is an IPv4 address or an IPv6 /48, may send
 * within which time. The process holds only a keyed hash of each network, in memory, so a restart
 * resets it.
 */
export function createRateLimit(windows: Window[]) {
  const key = randomBytes(32).toString("hex");
  const longestMs = Math.max(0, ...windows.map(({ ms }) => ms));
  const timesById = new Map<string, number[]>();
  const hashNetwork = (ip: string) => hash("sha256", key + toNetwork(ip), "base64");

  return {
    /** Counts an inquiry and returns 0. Beyond a limit it only returns the seconds to wait. */
    countOrWait(ip: string, now: Date): number {
      const at = now.getTime();
      // A clock that was ahead for a while must not lock a network out.
      const isWithin = (ms: number) => (time: number) => Math.abs(at - time) < ms;
      const id = hashNetwork(ip);
      const times = timesById.get(id)?.filter(isWithin(longestMs)) ?? [];
      const waits = windows.flatMap(({ ms, max }) => {
        const oldest = times.filter(isWithin(ms)).at(-max);
        return oldest === undefined ? [] : Math.ceil((oldest + ms - at) / 1_000);
      });
      if (waits.length > 0) return Math.max(...waits);
      timesById.delete(id); // deletes the network, so that `set` puts it at the end
      timesById.set(id, [...times, at]);
      for (const [other, ofOther] of timesById) {
        if (ofOther.some(isWithin(longestMs))) break; // the networks behind this one sent later
        timesById.delete(other);
      }
      return 0;
    },

    /** Takes back the last inquiry that was counted for a network. */
    takeBack: (ip: string) => void timesById.get(hashNetwork(ip))?.pop(),
  };
}

/**
 * Returns an IPv4 address, also if it is mapped to IPv6, or an IPv6 /48. Some proxies write
 * `IP:port` into X-Forwarded-For. All texts that are no address are one network.
 */
function toNetwork(address: string): string {
  const [, ip = address] =
    /^([\d.]+):\d+$|^\[(.+)\](?::\d+)?$/.exec(address)?.filter(Boolean) ?? [];
  if (isIP(ip) === 0) return "";
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  // A URL writes addresses as RFC 5952 does.
  const canonical = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1);
  if (canonical.startsWith("::ffff:")) return canonical;
  const [start = ""] = canonical.split("::"); // "::" stands for two groups of zeros or more
  return [...start.split(":"), "0", "0"].slice(0, 3).join(":");
}
