// Looks up in the DNS whether a domain can receive mail. Only a definite no counts: a resolver that
// fails, is slow or has incomplete data must never raise a question.

import { NOTFOUND } from "node:dns";
import { Resolver } from "node:dns/promises";
import { domainToASCII } from "node:url";
import type { LookUpDomain, Undeliverable } from "./email-domain.ts";

/** The longest that a visitor waits. */
const timeoutMs = 1_500;

/**
 * `ownAddress` is MAIL_FROM: a resolver that knows no mail server of its domain, because it only
 * resolves a private network, finds no fault. `servers`: resolvers, by default the system's.
 */
export function createDomainLookup(
  ownAddress: string,
  { servers = [] as string[], limitMs = timeoutMs } = {},
): LookUpDomain {
  const ownDomain = domainToASCII(ownAddress.split("@")[1] ?? "");
  return async (domain) => {
    if (domain === ownDomain) return undefined;
    const resolver = new Resolver({ timeout: 600, tries: 2 });
    if (servers.length > 0) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), limitMs);
    try {
      const fault = await faultOf(domain, resolver);
      return fault && (await faultOf(ownDomain, resolver)) ? undefined : fault;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Throws unless the domain has MX records or does not exist. */
async function faultOf(domain: string, resolver: Resolver): Promise<Undeliverable | undefined> {
  try {
    const exchanges = await resolver.resolveMx(domain);
    const isNullMx = exchanges.every(({ exchange }) => exchange === ""); // RFC 7505
    return isNullMx ? "does not accept email" : undefined;
  } catch (error) {
    if (Error.isError(error) && "code" in error && error.code === NOTFOUND) return "does not exist";
    throw error;
  }
}
