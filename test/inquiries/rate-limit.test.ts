// The rate limit: which addresses count as one network, and for how long they stay in memory.

import { createRateLimit } from "../../src/inquiries/rate-limit.ts";
import { tuesday } from "../support/site.ts";

const at = (seconds: number) => new Date(tuesday.getTime() + seconds * 1_000);
const office = "203.0.113.7";

test.each([
  ["an IPv4 address and itself", true, office, office],
  ["two neighbours in IPv4", false, office, "203.0.113.8"],
  ["an IPv4 address and its mapped form", true, office, "::ffff:203.0.113.7"],
  ["the mapped form in capitals", true, office, "::FFFF:203.0.113.7"],
  ["the mapped form in hexadecimal", true, office, "::ffff:cb00:7107"],
  ["two hexadecimal mapped addresses", false, "::ffff:cb00:7107", "::ffff:c633:6401"],
  ["two addresses of one /48", true, "2001:db8:1:2::1", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"],
  ["two spellings of one /48", true, "2001:db8:0:0:1::9", "2001:0DB8::2:0:0:3"],
  ["two neighbouring /48s", false, "2001:db8:1::1", "2001:db8:2::1"],
  ["a short address and a long one", false, "2001:db8::1", "2001:db8:1:2:3:4:5:6"],
  ["the two ends of the address space", false, "::1", "ffff::1"],
  ["an address with and without its zone", true, "fe80::1%eth0", "fe80::2"],
  ["nobody and somebody", false, "", office],
])("%s count as one network: %s", (_name, same, first, second) => {
  const limit = createRateLimit(1);
  expect(limit.count(first, tuesday)).toBe(0);
  expect(limit.count(second, tuesday)).toBe(same ? 600 : 0);
});

test("a network is forgotten ten minutes after its last inquiry", () => {
  const limit = createRateLimit(1);
  limit.count(office, at(600));
  limit.count("203.0.113.8", at(900));
  limit.count("2001:db8::1", at(1_200));
  expect(limit.count("203.0.113.8", at(1_199))).toBe(301);
  expect(limit.count(office, at(1_199))).toBe(0); // it would count otherwise
});
