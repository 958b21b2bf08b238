// The look-up of domains, over real DNS packets: which domains cannot receive mail, and when nothing may be said about any.

import { createDomainLookup } from "../../src/inquiries/domain-lookup.ts";
import { startDnsPeer } from "../support/dns-peer.ts";
import { tuesday } from "../support/site.ts";

const zone = {
  "cleansystems.dk": { MX: ["mail.cleansystems.dk"] },
  "nordhavn.dk": { MX: ["mx1.nordhavn.dk", "mx2.nordhavn.dk"] },
  "only-ipv4.dk": { A: ["192.0.2.1"] },
  "only-ipv6.dk": { AAAA: ["2001:db8::1"] },
  "parked.dk": {},
  "null-mx.dk": { MX: ["."], A: ["192.0.2.1"] },
  "xn--mnchen-3ya.de": { MX: ["mx.example"] },
};
const mailFrom = { name: "", address: "site@cleansystems.dk" };

let peer: Awaited<ReturnType<typeof startDnsPeer>>;
const clock = { now: tuesday };
beforeEach(async () => {
  peer = await startDnsPeer(zone);
  clock.now = tuesday;
});
afterEach(() => peer.close());

const lookup = (changes: { production?: boolean; deadlineMs?: number; address?: string } = {}) => {
  const { production = true, deadlineMs = 10_000, address = mailFrom.address } = changes;
  const config = { production, mailFrom: { ...mailFrom, address } };
  return createDomainLookup(config, () => clock.now, { servers: [peer.server], deadlineMs });
};

test.each([
  ["with mail servers", "nordhavn.dk", undefined],
  ["with nothing but an IPv4 address", "only-ipv4.dk", undefined],
  ["with nothing but an IPv6 address", "only-ipv6.dk", undefined],
  ["in other letters, as it is looked up", "xn--mnchen-3ya.de", undefined],
  ["with neither mail servers nor addresses", "parked.dk", "does not accept email"],
  ["with a null MX and an address", "null-mx.dk", "does not accept email"],
  ["that does not exist", "nordhavnn.dk", "does not exist"],
])("a domain %s: %s is %s", async (_name, domain, expected) => {
  expect(await lookup()(domain)).toBe(expected);
});

test.each(["SERVFAIL", "REFUSED"] as const)(
  "a resolver that responds with %s raises no doubt about a domain",
  async (failure) => {
    peer.failure = failure;
    expect(await lookup()("nordhavnn.dk")).toBeUndefined();
    peer.failure = undefined;
  },
);

test("a resolver that does not respond in time raises no doubt", async () => {
  peer.holding = true;
  expect(await lookup({ deadlineMs: 100 })("nordhavnn.dk")).toBeUndefined();
});

test("a resolver that cannot be reached raises no doubt", async () => {
  const closed = await startDnsPeer({});
  await closed.close();
  const find = createDomainLookup({ production: true, mailFrom }, () => tuesday, {
    servers: [closed.server],
  });
  expect(await find("nordhavnn.dk")).toBeUndefined();
});

test("a resolver that does not know the domain of MAIL_FROM raises no doubt about others", async () => {
  expect(await lookup({ address: "site@parked.dk" })("nordhavnn.dk")).toBeUndefined();
  expect(await lookup({ address: "site@unknown.dk" })("null-mx.dk")).toBeUndefined();
  expect(peer.questions).toContain("MX unknown.dk");
});

test("the domain of MAIL_FROM itself is not looked up", async () => {
  expect(await lookup({ address: "site@unknown.dk" })("unknown.dk")).toBeUndefined();
  expect(peer.questions).toEqual([]);
});

test("a domain is looked up once in ten minutes, also at the same moment", async () => {
  const find = lookup();
  const counts = () => peer.questions.filter((question) => question === "MX nordhavnn.dk").length;
  expect(await Promise.all([find("nordhavnn.dk"), find("nordhavnn.dk")])).toEqual([
    "does not exist",
    "does not exist",
  ]);
  clock.now = new Date(tuesday.getTime() + 599_999);
  expect(await find("nordhavnn.dk")).toBe("does not exist");
  expect(counts()).toBe(1);
  clock.now = new Date(tuesday.getTime() + 600_000);
  expect(await find("nordhavnn.dk")).toBe("does not exist");
  expect(counts()).toBe(2);
});

test("a clock that was set back does not prolong the ten minutes", async () => {
  const find = lookup();
  await find("nordhavn.dk");
  clock.now = new Date(tuesday.getTime() - 1);
  await find("nordhavn.dk");
  expect(peer.questions).toEqual(["MX nordhavn.dk", "MX nordhavn.dk"]);
});

test("a domain is looked up again after the resolver has failed", async () => {
  const find = lookup();
  peer.failure = "REFUSED";
  expect(await find("nordhavnn.dk")).toBeUndefined();
  peer.failure = undefined;
  expect(await find("nordhavnn.dk")).toBe("does not exist");
});

test("20 domains are looked up at once, and nothing is found about more", async () => {
  const find = lookup();
  peer.holding = true;
  const results = Array.from({ length: 25 }, (_, index) => find(`flood-${index}.dk`));
  expect(await Promise.all(results.slice(20))).toEqual(Array.from({ length: 5 }, () => undefined));
  peer.release();
  expect(await Promise.all(results.slice(0, 20))).toEqual(
    Array.from({ length: 20 }, () => "does not exist"),
  );
  expect(peer.questions.filter((question) => /flood/.test(question))).toHaveLength(20);
  expect(await find("flood-24.dk")).toBe("does not exist");
});

test("nothing is looked up outside production", async () => {
  expect(await lookup({ production: false })("nordhavnn.dk")).toBeUndefined();
  expect(peer.questions).toEqual([]);
});
