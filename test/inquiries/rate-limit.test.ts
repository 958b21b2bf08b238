// Which addresses are one network, and how a place becomes free again.

import { createRateLimit } from "../../src/web/rate-limit.ts";
import { tuesday } from "../support/site.ts";

const at = (seconds: number) => new Date(tuesday.getTime() + seconds * 1_000);

function limitAt(limit: number) {
  const clock = { now: tuesday };
  return { clock, ...createRateLimit(limit, () => clock.now) };
}

test.each([
  ["an IPv4 address and itself", "203.0.113.7", "203.0.113.7", true],
  ["two neighbours in IPv4", "203.0.113.7", "203.0.113.8", false],
  ["an IPv4 address and its mapped form", "203.0.113.7", "::ffff:203.0.113.7", true],
  ["the mapped form in capitals", "203.0.113.7", "::FFFF:203.0.113.7", true],
  ["the mapped form in hexadecimal", "203.0.113.7", "::ffff:cb00:7107", true],
  ["two hexadecimal mapped addresses", "::ffff:cb00:7107", "::ffff:c633:6401", false],
  ["two addresses of one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
  ["two spellings of one /64", "2001:db8:0:0:1::9", "2001:0DB8::2:0:0:3", true],
  ["two /64s of one /48", "2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["an address with and without its zone", "fe80::1%eth0", "fe80::2", true],
  ["nobody and somebody", "", "203.0.113.7", false],
])("%s", (_name, first, second, same) => {
  const limit = limitAt(1);
  expect(limit.take(first)).toBe(0);
  expect(limit.take(second)).toBe(same ? 600 : 0);
});

test("whoever has taken every place waits until the first of them is ten minutes old", () => {
  const limit = limitAt(3);
  for (const seconds of [0, 60, 120]) {
    limit.clock.now = at(seconds);
    expect(limit.take("203.0.113.7")).toBe(0);
  }
  limit.clock.now = at(121);
  expect(limit.take("203.0.113.7")).toBe(479);
  expect(limit.recentCount("203.0.113.7")).toBe(3); // a refusal takes no place
  limit.clock.now = at(599.999);
  expect(limit.take("203.0.113.7")).toBe(1);
  limit.clock.now = at(600);
  expect(limit.recentCount("203.0.113.7")).toBe(2);
  expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.take("203.0.113.7")).toBe(60);
});

test("a place that was given back is free, and the others stay", () => {
  const limit = limitAt(2);
  limit.take("203.0.113.7");
  limit.take("203.0.113.7");
  limit.giveBack("203.0.113.7");
  expect(limit.recentCount("203.0.113.7")).toBe(1);
  expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.take("203.0.113.7")).toBe(600);
});

test("0 is no limit, and what was stored is counted all the same, as far as anybody asks", () => {
  const limit = limitAt(0);
  for (let count = 0; count < 100; count += 1) expect(limit.take("203.0.113.7")).toBe(0);
  expect(limit.recentCount("203.0.113.7")).toBe(10);
});

test("after ten minutes everything is forgotten", () => {
  const limit = limitAt(5);
  limit.take("203.0.113.7");
  limit.clock.now = at(600);
  expect(limit.recentCount("203.0.113.7")).toBe(0);
});
