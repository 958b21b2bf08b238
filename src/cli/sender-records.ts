// Whether the DNS vouches for mails from MAIL_FROM. Without SPF, DKIM and DMARC the relay takes a
// mail, and it ends in a spam folder.

import { getServers, NODATA, NOTFOUND, Resolver } from "node:dns/promises";
import type { Config } from "../config.ts";

type Sender = Pick<Config, "mailFrom" | "dkimSelector">;

export async function* senderRecords({ mailFrom, dkimSelector }: Sender, servers = getServers()) {
  const [, domain = ""] = mailFrom.address.split("@");
  const labels = domain.split(".");
  // A subdomain has the policy of the domain above it (RFC 7489, section 6.6.3).
  const parents = labels.slice(1).map((_label, index) => labels.slice(index).join("."));
  const policies = parents.map((parent) => `_dmarc.${parent}`);
  const key = `${dkimSelector}._domainkey.${domain}`;
  const records: [name: string, hosts: string[], is: RegExp, advice: string][] = [
    ["SPF", [domain], /^v=spf1\b/i, 'TXT "v=spf1 include:HOST ~all"'],
    ["DMARC", policies, /^v=DMARC1\b/i, 'TXT "v=DMARC1; p=none"'],
  ];
  if (dkimSelector) records.push(["DKIM", [key], /\bp=[^;\s]/, "the record of your mail provider"]);
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers(servers);
  const textsAt = (host: string) =>
    resolver.resolveTxt(host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === NODATA || error.code === NOTFOUND) return [];
      throw error;
    });
  for (const [name, hosts, is, advice] of records)
    try {
      const texts = (await Promise.all(hosts.map(textsAt))).flat().map((parts) => parts.join(""));
      const isFound = texts.some((text) => is.test(text));
      yield isFound ? `PASS  ${name}: found` : `WARN  ${name}: add at ${hosts[0]}: ${advice}`;
    } catch (error) {
      yield `WARN  ${name}: could not look up ${hosts[0]}: ${String(error)}`;
    }
}
