// The clocks of the offices on the home page: the local time, and whether somebody is at work.

import request from "supertest";
import { buildTestSite } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeAll(async () => {
  site = await buildTestSite();
});
afterAll(() => site.close());

test.each([
  [
    "the minute before Copenhagen opens",
    "2026-11-24T06:59:00Z",
    "07:59 Opens at 08:00",
    "13:59 Open until 17:00",
  ],
  [
    "eight in Copenhagen",
    "2026-11-24T07:00:00Z",
    "08:00 Open until 17:00",
    "14:00 Open until 17:00",
  ],
  ["five in Magelang", "2026-11-24T10:00:00Z", "11:00 Open until 17:00", "17:00 Opens at 08:00"],
  [
    "the minute before Copenhagen closes",
    "2026-11-24T15:59:00Z",
    "16:59 Open until 17:00",
    "22:59 Opens at 08:00",
  ],
  ["five in Copenhagen", "2026-11-24T16:00:00Z", "17:00 Opens at 08:00", "23:00 Opens at 08:00"],
  [
    "Friday evening",
    "2026-11-27T20:00:00Z",
    "21:00 Closed until Monday 08:00",
    "03:00 Closed until Monday 08:00",
  ],
  [
    "Boxing Day, a Danish holiday",
    "2025-12-26T08:00:00Z",
    "09:00 Closed until Monday 08:00",
    "15:00 Open until 17:00",
  ],
  ["summer time", "2027-06-02T06:30:00Z", "08:30 Open until 17:00", "13:30 Open until 17:00"],
])("%s", async (_when, now, copenhagen, magelang) => {
  site.clock.now = new Date(now);
  const { text } = await request(site.server).get("/");
  const clocks = text.matchAll(
    /<p class="time"><time [^>]*>([^<]+)<\/time><\/p><p class="quiet">([^<]+)<\/p>/g,
  );
  expect(Array.from(clocks, ([, time, status]) => `${time} ${status}`)).toEqual([
    copenhagen,
    magelang,
  ]);
});

test("the bars show office hours and the time on an axis in UTC", async () => {
  site.clock.now = new Date("2026-11-24T12:00:00Z");
  const { text } = await request(site.server).get("/");
  const bars = text.matchAll(
    /<rect x="([\d.]+)%" width="([\d.]+)%" height="100%"\/>.*class="now" x1="([\d.]+)%"/g,
  );
  expect(Array.from(bars, ([, ...shares]) => shares.map(Number))).toEqual([
    [29.2, 37.5, 50],
    [4.2, 37.5, 50],
  ]);
});
