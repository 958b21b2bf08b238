// What doctor finds in the DNS about the domain from which mails are sent.

import { Resolver } from "node:dns/promises";
import { checkSenderDomain } from "../src/cli/mail-checks.ts";
import { parseConfig } from "../src/config.ts";
import { startDnsPeer } from "./support/dns-peer.ts";

let peer: Awaited<ReturnType<typeof startDnsPeer>>;
beforeAll(async () => {
  peer = await startDnsPeer({
    "cleansystems.dk": { TXT: ["google-site-verification=x", "v=spf1 mx -all"] },
    "_dmarc.cleansystems.dk": { TXT: ["v=DMARC1; p=none"] },
  });
});
afterAll(() => peer.close());

async function linesFor(domain: string): Promise<string[]> {
  const lines: string[] = [];
  const resolver = new Resolver({ timeout: 3_000, tries: 1 });
  resolver.setServers([peer.server]);
  const config = parseConfig({ MAIL_FROM: `site@${domain}` });
  const print = (kind: string) => (text: string) => void lines.push(`${kind}  ${text}`);
  await checkSenderDomain({ config, pass: print("PASS"), warn: print("WARN") }, resolver);
  return lines;
}

test("the records of a domain are found under their names", async () => {
  expect(await linesFor("cleansystems.dk")).toEqual([
    "PASS  SPF: cleansystems.dk has a record",
    "PASS  DMARC: _dmarc.cleansystems.dk has a record",
  ]);
});

test("a record that is missing is a warning that says what to add", async () => {
  expect(await linesFor("nordhavn.dk")).toEqual([
    expect.stringMatching(/^WARN {2}SPF: nordhavn\.dk has no TXT record v=spf1, .*: add one that /),
    expect.stringMatching(/^WARN {2}DMARC: _dmarc\.nordhavn\.dk has no TXT record v=DMARC1/),
  ]);
});

test("a resolver that fails is a warning", async () => {
  peer.failure = "SERVFAIL";
  expect((await linesFor("cleansystems.dk"))[0]).toBe(
    "WARN  SPF: the DNS lookup of cleansystems.dk failed; look it up on another machine",
  );
});
