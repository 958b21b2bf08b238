// Clocks in the offices' time zones, and the days on which the Copenhagen office works.

import {
  clockTime,
  endOfWorkingDayAfter,
  instantAt,
  isDanishWorkingDay,
  localTime,
  longDate,
  shortDateTime,
  weekdayDate,
} from "../src/calendar.ts";

const copenhagen = "Europe/Copenhagen";
const jakarta = "Asia/Jakarta";

describe("a clock in Copenhagen", () => {
  test.each([
    ["before clocks go forward", "2026-03-29T00:59:00Z", "2026-03-29T01:59+01:00"],
    ["when they do", "2026-03-29T01:00:00Z", "2026-03-29T03:00+02:00"],
    ["in the hour that comes twice, first", "2026-10-25T00:30:00Z", "2026-10-25T02:30+02:00"],
    ["in the hour that comes twice, again", "2026-10-25T01:30:00Z", "2026-10-25T02:30+01:00"],
    ["at midnight", "2026-11-23T23:00:00Z", "2026-11-24T00:00+01:00"],
    ["in the last minute of a year", "2026-12-31T22:59:59Z", "2026-12-31T23:59+01:00"],
  ])("%s", (_when, instant, shown) => {
    expect(clockTime(new Date(instant), copenhagen)).toBe(shown.slice(11, 16));
  });

  test("is read field by field", () => {
    const monday = { year: 2026, month: 11, day: 23, hour: 23, minute: 59 };
    expect(localTime(new Date("2026-11-23T22:59:59.999Z"), copenhagen)).toEqual(monday);
    const tuesday = { year: 2026, month: 11, day: 24, hour: 0, minute: 0 };
    expect(localTime(new Date("2026-11-23T23:00:00Z"), copenhagen)).toEqual(tuesday);
  });
});

describe("the instant of a time on the wall", () => {
  test.each<[string, string, [number, number, number, number?, number?], string]>([
    ["midnight in winter", copenhagen, [2026, 11, 24], "2026-11-23T23:00:00Z"],
    ["midnight in summer", copenhagen, [2026, 7, 1], "2026-06-30T22:00:00Z"],
    ["the minute before clocks go forward", copenhagen, [2026, 3, 29, 1, 59], "2026-03-29T00:59:00Z"],
    ["a time that is skipped: the hour after", copenhagen, [2026, 3, 29, 2, 30], "2026-03-29T01:30:00Z"],
    ["the first time after", copenhagen, [2026, 3, 29, 3], "2026-03-29T01:00:00Z"],
    ["the minute before the repeated hour", copenhagen, [2026, 10, 25, 1, 59], "2026-10-24T23:59:00Z"],
    ["the first time after the repeated hour", copenhagen, [2026, 10, 25, 3], "2026-10-25T02:00:00Z"],
    ["Jakarta, which never changes", jakarta, [2026, 7, 1, 8], "2026-07-01T01:00:00Z"],
    ["Jakarta, in winter", jakarta, [2026, 12, 1, 8], "2026-12-01T01:00:00Z"],
  ])("%s", (_what, timeZone, time, instant) => {
    expect(instantAt(timeZone, ...time)).toEqual(new Date(instant));
  });

  test("a time that comes twice is one of the two", () => {
    const both = ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"];
    expect(both).toContain(instantAt(copenhagen, 2026, 10, 25, 2, 30).toISOString());
  });

  test("comes back as it went in, for every hour of the days on which clocks change", () => {
    for (const [month, day] of [
      [3, 28],
      [3, 30],
      [10, 24],
      [10, 26],
    ] as const) {
      for (let hour = 0; hour < 24; hour += 1) {
        expect(localTime(instantAt(copenhagen, 2026, month, day, hour), copenhagen)).toMatchObject({
          month,
          day,
          hour,
        });
      }
    }
  });
});

test("dates and times are written the way the pages and the mails need them", () => {
  const instant = new Date("2026-11-25T16:00:00Z");
  expect(shortDateTime(instant, copenhagen)).toBe("Wed 25 Nov 2026, 17:00");
  expect(weekdayDate(instant, copenhagen)).toBe("Wednesday 25 November");
  expect(longDate(instant, copenhagen)).toBe("25 November 2026");
  expect(clockTime(new Date("2026-11-25T02:05:00Z"), jakarta)).toBe("09:05");
  expect(longDate(new Date("2026-11-25T17:00:00Z"), jakarta)).toBe("26 November 2026");
});

describe("the Copenhagen office is shut", () => {
  // Maundy Thursday, Good Friday, Easter Monday, Ascension, Whit Monday, from a printed calendar.
  const movable: Record<number, string[]> = {
    2024: ["3-28", "3-29", "4-1", "5-9", "5-20"],
    2025: ["4-17", "4-18", "4-21", "5-29", "6-9"],
    2026: ["4-2", "4-3", "4-6", "5-14", "5-25"],
    2027: ["3-25", "3-26", "3-29", "5-6", "5-17"],
    2028: ["4-13", "4-14", "4-17", "5-25", "6-5"],
  };
  const fixed = ["1-1", "6-5", "12-24", "12-25", "12-26", "12-31"];

  test.each(Object.entries(movable))("in %s at weekends, on holidays, and on no other day", (year, holidays) => {
    const shut: string[] = [];
    const expected: string[] = [];
    for (let day = new Date(`${year}-01-01`); day.getUTCFullYear() === Number(year); day.setUTCDate(day.getUTCDate() + 1)) {
      const name = `${day.getUTCMonth() + 1}-${day.getUTCDate()}`;
      if ([0, 6].includes(day.getUTCDay()) || holidays.includes(name) || fixed.includes(name)) expected.push(name);
      if (!isDanishWorkingDay(Number(year), day.getUTCMonth() + 1, day.getUTCDate())) shut.push(name);
    }
    expect(shut).toEqual(expected);
  });

  test("and a day past the end of a month or a year is one of the next", () => {
    const days = [30, 31, 32, 33, 34, 35, 36].map((day) => isDanishWorkingDay(2026, 12, day)); // Wednesday to Tuesday
    expect(days).toEqual([true, false, false, false, false, true, true]);
  });

  test("but works on what was Great Prayer Day until 2023", () => {
    expect(isDanishWorkingDay(2024, 4, 26)).toBe(true);
    expect(isDanishWorkingDay(2026, 5, 1)).toBe(true);
  });
});

describe("the end of the working day after", () => {
  test.each([
    ["a Tuesday is Wednesday", "2026-11-24T13:33:00Z", 1, "2026-11-25T16:00:00Z"],
    ["a Tuesday night in UTC, Wednesday in Copenhagen, is Thursday", "2026-11-24T23:30:00Z", 1, "2026-11-26T16:00:00Z"],
    ["a Friday is Monday", "2026-11-27T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
    ["a Saturday is Monday", "2026-11-28T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
    ["Friday, the third, is Wednesday", "2026-11-27T09:00:00Z", 3, "2026-12-02T16:00:00Z"],
    ["the Wednesday before Easter is the Tuesday after it", "2026-04-01T08:00:00Z", 1, "2026-04-07T15:00:00Z"],
    ["the day before Christmas Eve is after Boxing Day", "2026-12-23T09:00:00Z", 1, "2026-12-28T16:00:00Z"],
    ["30 December is in the new year", "2026-12-30T09:00:00Z", 1, "2027-01-04T16:00:00Z"],
    ["the Friday before clocks go forward is in summer time", "2026-03-27T09:00:00Z", 1, "2026-03-30T15:00:00Z"],
  ])("%s", (_what, from, workingDays, until) => {
    expect(endOfWorkingDayAfter(new Date(from), workingDays, copenhagen, 17)).toEqual(new Date(until));
  });
});
