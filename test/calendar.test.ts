// Clocks in the offices' time zones, and the days on which the Copenhagen office works.

import {
  endOfWorkingDayAfter,
  instantAt,
  isDanishWorkingDay,
  shortDateTime,
} from "../src/calendar.ts";

const copenhagen = "Europe/Copenhagen";
const jakarta = "Asia/Jakarta";

test.each([
  ["2026-03-29T01:00:00Z", copenhagen, "Sun 29 Mar 2026, 03:00"], // clocks skip an hour
  ["2026-10-25T00:30:00Z", copenhagen, "Sun 25 Oct 2026, 02:30"], // the first of two
  ["2026-11-23T23:00:00Z", copenhagen, "Tue 24 Nov 2026, 00:00"],
  ["2026-11-25T17:00:00Z", jakarta, "Thu 26 Nov 2026, 00:00"],
])("at %s clocks in %s show %s", (instant, timeZone, local) => {
  expect(shortDateTime(new Date(instant), timeZone)).toBe(local);
});

test.each([
  [copenhagen, "2026-11-24", 0, "2026-11-23T23:00:00Z"],
  [copenhagen, "2026-07-01", 0, "2026-06-30T22:00:00Z"],
  [copenhagen, "2026-03-29", 2, "2026-03-29T01:00:00Z"], // skipped: counts as the next hour
  [copenhagen, "2026-10-25", 2, "2026-10-25T00:00:00Z"], // the first of two
  [jakarta, "2026-07-01", 8, "2026-07-01T01:00:00Z"],
])("in %s on %s, clocks show %d:00 at %s", (timeZone, date, hour, instant) => {
  expect(instantAt(Temporal.PlainDate.from(date), hour, timeZone)).toEqual(new Date(instant));
});

// A printed calendar has these dates of Maundy Thursday, Good Friday, Easter Monday, Ascension and
// Whit Monday.
test.each([
  [2024, ["03-28", "03-29", "04-01", "05-09", "05-20"]],
  [2025, ["04-17", "04-18", "04-21", "05-29", "06-09"]],
  [2026, ["04-02", "04-03", "04-06", "05-14", "05-25"]],
  [2027, ["03-25", "03-26", "03-29", "05-06", "05-17"]],
  [2028, ["04-13", "04-14", "04-17", "05-25", "06-05"]],
])("in %d the Copenhagen office works on weekdays except holidays", (year, movable) => {
  const fixed = ["01-01", "06-05", "12-24", "12-25", "12-26", "12-31"];
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  const days = Array.from({ length: first.daysInYear }, (_, index) => first.add({ days: index }));
  const isHoliday = (date: Temporal.PlainDate) =>
    [...movable, ...fixed].includes(date.toString().slice(5));
  expect(days.filter(isDanishWorkingDay).map(String)).toEqual(
    days.filter((date) => date.dayOfWeek < 6 && !isHoliday(date)).map(String),
  );
});

test.each([
  ["a Tuesday is Wednesday", "2026-11-24T13:33:00Z", 1, "2026-11-25T16:00:00Z"],
  ["a night in UTC counts by its day here", "2026-11-24T23:30:00Z", 1, "2026-11-26T16:00:00Z"],
  ["a Friday is Monday", "2026-11-27T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
  ["a Saturday is Monday", "2026-11-28T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
  ["Friday, the third, is Wednesday", "2026-11-27T09:00:00Z", 3, "2026-12-02T16:00:00Z"],
  ["a Wednesday before Easter is Tuesday", "2026-04-01T08:00:00Z", 1, "2026-04-07T15:00:00Z"],
  ["23 December is after Boxing Day", "2026-12-23T09:00:00Z", 1, "2026-12-28T16:00:00Z"],
  ["30 December is in the new year", "2026-12-30T09:00:00Z", 1, "2027-01-04T16:00:00Z"],
  ["a Friday before summer time is in it", "2026-03-27T09:00:00Z", 1, "2026-03-30T15:00:00Z"],
])("the end of the working day after %s", (_what, from, workingDays, until) => {
  expect(endOfWorkingDayAfter(new Date(from), workingDays)).toEqual(new Date(until));
});
