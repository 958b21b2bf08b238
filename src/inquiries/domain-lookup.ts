// Looks up in the DNS whether a domain can receive mail. A failing, slow or incomplete resolver must never raise a doubt.

import { NODATA, NOTFOUND } from "node:dns";
import { Resolver } from "node:dns/promises";
import { domainToASCII } from "node:url";
import QuickLRU from "quick-lru";
import type { DomainFault, FindDomainFault } from "./email-domain.ts";

/** The maximum time a visitor waits. */
const timeoutMs = 1_500;
/** Allows for one lost packet. */
const queryTimeoutMs = 600;
const maxConcurrent = 20;
const cacheMs = 10 * 60_000;
const maxCached = 1_000;

/**
 * Returns a function that looks up domains in production and finds no fault elsewhere. A fault is returned only if the resolver can resolve
 * the domain of MAIL_FROM. At most 20 domains are looked up at once; for more, no fault is found. Results are cached for ten minutes.
 * `servers` are addresses of resolvers, by default those of the system.
 */
export function createDomainLookup(
  { production, mailFrom }: { production: boolean; mailFrom: { address: string } },
  now: () => Date,
  { servers, deadlineMs = timeoutMs }: { servers?: string[]; deadlineMs?: number } = {},
): FindDomainFault {
  const ownDomain = domainToASCII(mailFrom.address.split("@")[1] ?? "");
  const cache = new QuickLRU<string, { at: number; fault: Promise<DomainFault | undefined> }>({
    maxSize: maxCached,
  });
  let running = 0;

  async function lookUp(domain: string): Promise<DomainFault | undefined> {
    // A new resolver each time: cancel() ends all its queries, and it uses the system's current settings.
    const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), deadlineMs);
    try {
      const fault = await findFault(domain, resolver);
      if (fault && (await findFault(ownDomain, resolver)))
        throw new Error("the resolver does not know the domain of MAIL_FROM");
      return fault;
    } finally {
      clearTimeout(timer);
    }
  }

  return (domain) => {
    if (!production || domain === ownDomain) return Promise.resolve(undefined);
    const at = now().getTime();
    const cached = cache.get(domain);
    if (cached && at >= cached.at && at < cached.at + cacheMs) return cached.fault;
    if (running >= maxConcurrent) return Promise.resolve(undefined);
    running += 1;
    const fault = lookUp(domain)
      .catch(() => {
        cache.delete(domain);
        return undefined;
      })
      .finally(() => (running -= 1));
    cache.set(domain, { at, fault });
    return fault;
  };
}

/** Returns why no mail can be delivered to a domain, or undefined if it can. Throws if the look-up fails. */
async function findFault(domain: string, resolver: Resolver): Promise<DomainFault | undefined> {
  try {
    const exchanges = await recordsOrNone(resolver.resolveMx(domain));
    if (exchanges.length > 0)
      return exchanges.every(({ exchange }) => exchange === "")
        ? "does not accept email"
        : undefined; // a null MX (RFC 7505)
    // Without an MX, mail goes to the address of the domain itself (RFC 5321, section 5.1).
    if ((await recordsOrNone(resolver.resolve4(domain))).length > 0) return undefined;
    return (await recordsOrNone(resolver.resolve6(domain))).length > 0
      ? undefined
      : "does not accept email";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === NOTFOUND) return "does not exist";
    throw error;
  }
}

/** Returns the records, or [] if the domain has none of this type. */
async function recordsOrNone<RecordType>(records: Promise<RecordType[]>): Promise<RecordType[]> {
  return records.catch((error: NodeJS.ErrnoException) => {
    if (error.code === NODATA) return [];
    throw error;
  });
}
