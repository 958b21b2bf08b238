// Which domains count as mistyped, that no domain of a real mail provider does, and the look-up
// over real DNS packets: which domains cannot receive mail, and when nothing may be said about any.

import { createDomainLookup, findAddressDoubt } from "../../src/inquiries/email-address.ts";
import { startDnsPeer } from "../support/dns-peer.ts";

const findsNothing = () => Promise.resolve(undefined);

describe("typing errors", () => {
  test.each([
    ["mette@gmial.com", "mette@gmail.com"],
    ["mette@gmail.con", "mette@gmail.com"],
    ["mette@gmial.con", "mette@gmail.com"],
    ["mette@yaho.com", "mette@yahoo.com"],
    ["mette@nordhavn.con", "mette@nordhavn.com"],
    ["søren@münchen.cmo", "søren@münchen.com"],
  ])("%s is asked about: did you mean %s?", async (address, corrected) => {
    expect((await findAddressDoubt(address, findsNothing))?.question).toBe(
      `Did you mean ${corrected}?`,
    );
  });

  // Providers that are close to one another, and endings that are close to .com.
  const realDomains = `
    gmail.com googlemail.com mail.com email.com ymail.com rocketmail.com yahoo.com yahoo.dk
    yahoo.co.id yahoo.co.uk hotmail.com hotmail.dk hotmail.co.uk outlook.com outlook.dk live.dk
    icloud.com me.com mac.com pm.me protonmail.com protonmail.ch fastmail.com hey.com zoho.com
    gmx.com gmx.net gmx.de web.de mail.de email.cz mail.dk mail.ru mail.ee mail.bg o2.pl sky.com
    mail.co gmx.co nordhavn.co nordhavn.cm nordhavn.om nordhavn.cam nordhavn.community
  `;
  test("no domain of a real mail provider is asked about", async () => {
    const domains = realDomains.trim().split(/\s+/);
    const found = domains.map((domain) => findAddressDoubt(`mette@${domain}`, findsNothing));
    expect((await Promise.all(found)).filter(Boolean)).toEqual([]);
  });

  test("only other domains are looked up, in lower-case ASCII", async () => {
    const asked: string[] = [];
    const lookUp = (domain: string) => Promise.resolve(void asked.push(domain));
    for (const domain of ["Nordhavn.DK", "MÜNCHEN.de", "gmial.com"])
      await findAddressDoubt(`mette@${domain}`, lookUp);
    expect(asked).toEqual(["nordhavn.dk", "xn--mnchen-3ya.de"]);
  });
});

describe("the look-up", () => {
  const zone = {
    "nordhavn.dk": { MX: ["mx1.nordhavn.dk", "mx2.nordhavn.dk"] },
    "only-ipv4.dk": { A: ["192.0.2.1"] },
    "alias.dk": { CNAME: "only-ipv4.dk" },
    "parked.dk": {},
    "null-mx.dk": { MX: ["."], A: ["192.0.2.1"] },
  };
  let peer: Awaited<ReturnType<typeof startDnsPeer>>;
  beforeEach(async () => {
    peer = await startDnsPeer(zone);
  });

  const lookUp = (domain: string, limitMs = 10_000) =>
    createDomainLookup({ servers: [peer.server], limitMs })(domain);

  test.each([
    ["with mail servers", "nordhavn.dk", undefined],
    ["with nothing but an address", "only-ipv4.dk", undefined],
    ["that is an alias", "alias.dk", undefined],
    ["without any record", "parked.dk", undefined],
    ["with a null MX", "null-mx.dk", "doesn’t accept email"],
    ["that does not exist", "nordhavnn.dk", "doesn’t exist"],
  ])("of a domain %s: %s is %s", async (_name, domain, expected) => {
    expect(await lookUp(domain)).toBe(expected);
  });

  test.each(["SERVFAIL", "REFUSED"] as const)("finds nothing if it fails: %s", async (failure) => {
    peer.failure = failure;
    expect(await lookUp("nordhavnn.dk")).toBeUndefined();
  });

  test("finds nothing if no resolver responds in time", async () => {
    peer.failure = "silence";
    expect(await lookUp("nordhavnn.dk", 100)).toBeUndefined();
  });
});
