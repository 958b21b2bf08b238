// Whether the DNS vouches for mails from MAIL_FROM. Without SPF, DKIM and DMARC the relay takes a
// mail, and it ends in a spam folder.

import { NODATA, NOTFOUND, Resolver } from "node:dns/promises";

type Sender = { address: string; dkimSelector?: string | undefined; servers?: string[] };

export async function* senderRecords({ address, dkimSelector, servers }: Sender) {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const labels = domain.split(".");
  // A subdomain has the policy of the domain above it (RFC 7489, section 6.6.3).
  const parents = labels.slice(0, -1).map((_label, index) => labels.slice(index).join("."));
  const records = [
    { name: "SPF", hosts: [domain], is: /^v=spf1\b/i, advice: 'TXT "v=spf1 include:HOST ~all"' },
    {
      name: "DKIM",
      hosts: dkimSelector ? [`${dkimSelector}._domainkey.${domain}`] : [],
      is: /\bp=[^;\s]/,
      advice: "the record that your mail provider shows",
    },
    {
      name: "DMARC",
      hosts: parents.map((parent) => `_dmarc.${parent}`),
      is: /^v=DMARC1\b/i,
      advice: `TXT "v=DMARC1; p=none"`,
    },
  ];
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers) resolver.setServers(servers);
  for (const { name, hosts, is, advice } of records) {
    const [first] = hosts;
    if (!first) continue;
    try {
      const texts = await Promise.all(hosts.map((host) => textsAt(resolver, host)));
      const record = texts.flat().find((text) => is.test(text));
      yield record ? `PASS  ${name}: found` : `WARN  ${name}: add at ${first}: ${advice}`;
    } catch (error) {
      yield `WARN  ${name}: could not look up ${first}: ${String(error)}`;
    }
  }
}

async function textsAt(resolver: Resolver, name: string): Promise<string[]> {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
  } catch (error) {
    const code = Error.isError(error) && "code" in error ? error.code : "";
    if (code === NODATA || code === NOTFOUND) return [];
    throw error;
  }
}
