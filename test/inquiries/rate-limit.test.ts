// The limit of inquiries per network: which addresses count as one network, and when the next inquiry is accepted.

import { createRateLimit } from "../../src/web/rate-limit.ts";
import { tuesday } from "../support/site.ts";

const at = (seconds: number) => new Date(tuesday.getTime() + seconds * 1_000);

function limitAt(limit: number) {
  const clock = { now: tuesday };
  return { clock, ...createRateLimit(limit, () => clock.now) };
}

test.each([
  ["an IPv4 address and itself", true, "203.0.113.7", "203.0.113.7"],
  ["two neighbours in IPv4", false, "203.0.113.7", "203.0.113.8"],
  ["an IPv4 address and its mapped form", true, "203.0.113.7", "::ffff:203.0.113.7"],
  ["the mapped form in capitals", true, "203.0.113.7", "::FFFF:203.0.113.7"],
  ["the mapped form in hexadecimal", true, "203.0.113.7", "::ffff:cb00:7107"],
  ["two hexadecimal mapped addresses", false, "::ffff:cb00:7107", "::ffff:c633:6401"],
  ["two addresses of one /64", true, "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
  ["two spellings of one /64", true, "2001:db8:0:0:1::9", "2001:0DB8::2:0:0:3"],
  ["two /64s of one /48", false, "2001:db8:1:2::1", "2001:db8:1:3::1"],
  ["an address with and without its zone", true, "fe80::1%eth0", "fe80::2"],
  ["nobody and somebody", false, "", "203.0.113.7"],
])("%s count as one network: %s", (_name, same, first, second) => {
  const limit = limitAt(1);
  expect(limit.take(first)).toBe(0);
  expect(limit.take(second)).toBe(same ? 600 : 0);
});

test("a network that has reached the limit may send again when its oldest inquiry is ten minutes old", () => {
  const limit = limitAt(3);
  for (const seconds of [0, 60, 120]) {
    limit.clock.now = at(seconds);
    expect(limit.take("203.0.113.7")).toBe(0);
  }
  limit.clock.now = at(121);
  expect(limit.take("203.0.113.7")).toBe(479);
  expect(limit.recentCount("203.0.113.7")).toBe(3); // refused inquiries do not count
  limit.clock.now = at(599.999);
  expect(limit.take("203.0.113.7")).toBe(1);
  limit.clock.now = at(600);
  expect(limit.recentCount("203.0.113.7")).toBe(2);
  expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.take("203.0.113.7")).toBe(60);
});

test("an inquiry that could not be stored no longer counts", () => {
  const limit = limitAt(2);
  limit.take("203.0.113.7");
  limit.take("203.0.113.7");
  limit.giveBack("203.0.113.7");
  expect(limit.recentCount("203.0.113.7")).toBe(1);
  expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.take("203.0.113.7")).toBe(600);
});

test("of two inquiries of which the later could not be stored, the earlier still counts from its own time", () => {
  const limit = limitAt(2);
  limit.take("203.0.113.7");
  limit.clock.now = at(300);
  limit.take("203.0.113.7");
  limit.giveBack("203.0.113.7");
  limit.take("203.0.113.7");
  expect(limit.take("203.0.113.7")).toBe(300);
});

test("0 is no limit, and recent inquiries are still counted, up to ten", () => {
  const limit = limitAt(0);
  for (let count = 0; count < 100; count += 1) expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.recentCount("203.0.113.7")).toBe(10);
});

test("nothing is counted after ten minutes", () => {
  const limit = limitAt(5);
  limit.take("203.0.113.7");
  limit.clock.now = at(600);
  expect(limit.recentCount("203.0.113.7")).toBe(0);
});
