// What doctor finds in the DNS about the domain from which mails are sent.

import { Resolver } from "node:dns/promises";
import { createFindings } from "../src/cli/findings.ts";
import { checkSenderDomain } from "../src/cli/mail-checks.ts";
import { parseConfig } from "../src/config.ts";
import { startDnsPeer } from "./support/dns-peer.ts";

let peer: Awaited<ReturnType<typeof startDnsPeer>>;
beforeAll(async () => {
  peer = await startDnsPeer({
    "cleansystems.dk": { TXT: ["google-site-verification=x", "v=spf1 mx -all"] },
    "_dmarc.cleansystems.dk": { TXT: ["v=DMARC1; p=none"] },
    "2026._domainkey.cleansystems.dk": { TXT: ["v=DKIM1; p=MIIB"] },
    "revoked._domainkey.cleansystems.dk": { TXT: ["v=DKIM1; p="] },
  });
});
afterAll(() => peer.close());

async function findings(domain: string, dkim?: string): Promise<string[]> {
  const lines: string[] = [];
  const resolver = new Resolver({ timeout: 3_000, tries: 1 });
  resolver.setServers([peer.server]);
  const config = parseConfig({ MAIL_FROM: `site@${domain}` });
  await checkSenderDomain(
    { ...createFindings({ print: (line) => lines.push(line) }), config },
    dkim,
    resolver,
  );
  return lines;
}

test("the records of a domain are found under their names", async () => {
  expect(await findings("cleansystems.dk", "2026")).toEqual([
    "PASS  SPF: cleansystems.dk has a record",
    "PASS  DMARC: _dmarc.cleansystems.dk has a record",
    "PASS  DKIM: 2026._domainkey.cleansystems.dk has a record",
  ]);
});

test("a record that is missing, and a key that was revoked, fail with what to add", async () => {
  expect(await findings("nordhavn.dk")).toEqual([
    expect.stringMatching(/^FAIL {2}SPF: nordhavn\.dk has no record.*: add a TXT record v=spf1 /),
    expect.stringMatching(/^FAIL {2}DMARC: _dmarc\.nordhavn\.dk has no record/),
    expect.stringMatching(/^WARN {2}DKIM: not looked up; add --dkim SELECTOR/),
  ]);
  expect((await findings("cleansystems.dk", "revoked"))[2]).toMatch(
    /^FAIL {2}DKIM: revoked\._domainkey/,
  );
});

test("a resolver that fails is a warning", async () => {
  peer.failure = "SERVFAIL";
  expect((await findings("cleansystems.dk"))[0]).toBe(
    "WARN  SPF: the DNS lookup of cleansystems.dk failed; look it up on another machine",
  );
});
