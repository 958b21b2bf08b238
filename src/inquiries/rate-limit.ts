// Limits how many inquiries each network can send. Only a keyed hash of a network is held, in
// memory, so a restart resets it.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

const windowMs = 10 * 60_000;
/** With more networks, those whose last inquiry is oldest are forgotten. */
const maxNetworks = 10_000;
/** The spam score needs no more, also if there is no limit. */
const minTimes = 10;
/** How many times the limit a provider's network may send: a /48, or an IPv4 /24. */
const largeNetworkFactor = 4;

/** `limit`: inquiries of one IPv4 address or IPv6 /64 within ten minutes; 0: no limit. */
export function createRateLimit(limit: number) {
  const key = randomBytes(32).toString("hex");
  const timesOf = new Map<string, number[]>();

  /** Returns the two networks of an address, and the times of their recent inquiries. */
  const recent = (ip: string, now: Date) =>
    networksOf(ip).map((network, index) => {
      const id = hash("sha256", key + network, "base64");
      const age = (time: number) => now.getTime() - time;
      const times = timesOf.get(id)?.filter((time) => age(time) >= 0 && age(time) < windowMs) ?? [];
      return { id, times, max: index === 0 ? limit : limit * largeNetworkFactor };
    });

  return {
    /** Returns how many inquiries the /64 or IPv4 address sent in the last ten minutes. */
    recentCount: (ip: string, now: Date): number => recent(ip, now)[0]?.times.length ?? 0,

    /** Counts an inquiry and returns 0. Beyond the limit, only returns the seconds to wait. */
    take(ip: string, now: Date): number {
      const networks = recent(ip, now);
      const full = networks.flatMap(({ times, max }) => (max > 0 ? (times.at(-max) ?? []) : []));
      if (full.length > 0) return Math.ceil((Math.max(...full) + windowMs - now.getTime()) / 1_000);
      for (const { id, times, max } of networks) {
        timesOf.delete(id); // so that it becomes the newest
        timesOf.set(id, [...times, now.getTime()].slice(-Math.max(max, minTimes)));
      }
      for (const [id, times] of timesOf) {
        const isRecent = now.getTime() - (times.at(-1) ?? 0) < windowMs;
        if (isRecent && timesOf.size <= maxNetworks) break; // the oldest is first
        timesOf.delete(id);
      }
      return 0;
    },
  };
}

/** Returns an IPv4 address and its /24, or an IPv6 /64, about one household, and its /48. */
function networksOf(ip: string): [small: string, large: string] {
  if (isIP(ip) === 0) return [ip, ip];
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const address = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // canonical (RFC 5952)
  const zeros = "0:".repeat(8 - address.split(":").filter(Boolean).length);
  const groups = address.replace("::", `:${zeros}`).split(":").filter(Boolean);
  const [high = "", low = ""] = groups.slice(6);
  return address.startsWith("::ffff:")
    ? [`${high}.${low}`, `${high}.${low.padStart(4, "0").slice(0, 2)}`]
    : [groups.slice(0, 4).join(":"), groups.slice(0, 3).join(":")];
}
