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

  test.each([
    ["the last minute of Monday", "2026-11-23T22:59:59Z", "2026-11-23T23:59:59"],
    ["midnight, the start of Tuesday", "2026-11-23T23:00:00Z", "2026-11-24T00:00:00"],
  ])("has a date and a time: %s", (_when, instant, local) => {
    expect(localTime(new Date(instant), copenhagen).toPlainDateTime().toString()).toBe(local);
  });
});

describe("the instant of a full hour on a date", () => {
  test.each([
    ["midnight in winter", copenhagen, "2026-11-24", 0, "2026-11-23T23:00:00Z"],
    ["midnight in summer", copenhagen, "2026-07-01", 0, "2026-06-30T22:00:00Z"],
    ["the hour before clocks go forward", copenhagen, "2026-03-29", 1, "2026-03-29T00:00:00Z"],
    [
      "an hour that is skipped counts as the next",
      copenhagen,
      "2026-03-29",
      2,
      "2026-03-29T01:00:00Z",
    ],
    ["the hour after clocks went forward", copenhagen, "2026-03-29", 3, "2026-03-29T01:00:00Z"],
    ["the hour before the repeated hour", copenhagen, "2026-10-25", 1, "2026-10-24T23:00:00Z"],
    ["the first of two repeated hours", copenhagen, "2026-10-25", 2, "2026-10-25T00:00:00Z"],
    ["the hour after the repeated hour", copenhagen, "2026-10-25", 3, "2026-10-25T02:00:00Z"],
    [
      "Jakarta in July, without daylight saving time",
      jakarta,
      "2026-07-01",
      8,
      "2026-07-01T01:00:00Z",
    ],
    ["Jakarta in December", jakarta, "2026-12-01", 8, "2026-12-01T01:00:00Z"],
  ])("%s", (_what, timeZone, date, hour, instant) => {
    expect(instantAt(Temporal.PlainDate.from(date), hour, timeZone)).toEqual(new Date(instant));
  });

  test.each(["2026-03-28", "2026-03-30", "2026-10-24", "2026-10-26"])(
    "is the inverse of localTime for each hour of %s",
    (date) => {
      const day = Temporal.PlainDate.from(date);
      const hours = Array.from({ length: 24 }, (_, hour) => hour);
      expect(
        hours.map((hour) => localTime(instantAt(day, hour, copenhagen), copenhagen).hour),
      ).toEqual(hours);
    },
  );
});

test("dates and times are written the way the pages and the mails need them", () => {
  const instant = new Date("2026-11-25T16:00:00Z");
  expect(shortDateTime(instant, copenhagen)).toBe("Wed 25 Nov 2026, 17:00");
  expect(weekdayDate(instant, copenhagen)).toBe("Wednesday 25 November");
  expect(longDate(instant, copenhagen)).toBe("25 November 2026");
  expect(clockTime(new Date("2026-11-25T02:05:00Z"), jakarta)).toBe("09:05");
  expect(longDate(new Date("2026-11-25T17:00:00Z"), jakarta)).toBe("26 November 2026");
});

describe("the Copenhagen office is closed", () => {
  // Maundy Thursday, Good Friday, Easter Monday, Ascension, Whit Monday, from a printed calendar.
  const movable: Record<number, string[]> = {
    2024: ["3-28", "3-29", "4-1", "5-9", "5-20"],
    2025: ["4-17", "4-18", "4-21", "5-29", "6-9"],
    2026: ["4-2", "4-3", "4-6", "5-14", "5-25"],
    2027: ["3-25", "3-26", "3-29", "5-6", "5-17"],
    2028: ["4-13", "4-14", "4-17", "5-25", "6-5"],
  };
  const fixed = ["1-1", "6-5", "12-24", "12-25", "12-26", "12-31"];

  test.each(Object.entries(movable))(
    "in %s at weekends, on holidays, and on no other day",
    (year, holidays) => {
      const closed: string[] = [];
      const expected: string[] = [];
      for (
        let date = Temporal.PlainDate.from(`${year}-01-01`);
        date.year === Number(year);
        date = date.add({ days: 1 })
      ) {
        const name = `${date.month}-${date.day}`;
        if (date.dayOfWeek > 5 || holidays.includes(name) || fixed.includes(name))
          expected.push(name);
        if (!isDanishWorkingDay(date)) closed.push(name);
      }
      expect(closed).toEqual(expected);
    },
  );

  test.each(["2024-04-26", "2026-05-01"])("but not on %s, Great Prayer Day until 2023", (date) => {
    expect(isDanishWorkingDay(Temporal.PlainDate.from(date))).toBe(true);
  });
});

describe("the end of the working day after", () => {
  test.each([
    ["a Tuesday is Wednesday", "2026-11-24T13:33:00Z", 1, "2026-11-25T16:00:00Z"],
    [
      "a Tuesday night in UTC, Wednesday in Copenhagen, is Thursday",
      "2026-11-24T23:30:00Z",
      1,
      "2026-11-26T16:00:00Z",
    ],
    ["a Friday is Monday", "2026-11-27T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
    ["a Saturday is Monday", "2026-11-28T09:00:00Z", 1, "2026-11-30T16:00:00Z"],
    ["Friday, the third, is Wednesday", "2026-11-27T09:00:00Z", 3, "2026-12-02T16:00:00Z"],
    [
      "the Wednesday before Easter is the Tuesday after it",
      "2026-04-01T08:00:00Z",
      1,
      "2026-04-07T15:00:00Z",
    ],
    [
      "the day before Christmas Eve is after Boxing Day",
      "2026-12-23T09:00:00Z",
      1,
      "2026-12-28T16:00:00Z",
    ],
    ["30 December is in the new year", "2026-12-30T09:00:00Z", 1, "2027-01-04T16:00:00Z"],
    [
      "the Friday before clocks go forward is in summer time",
      "2026-03-27T09:00:00Z",
      1,
      "2026-03-30T15:00:00Z",
    ],
  ])("%s", (_what, from, workingDays, until) => {
    expect(endOfWorkingDayAfter(new Date(from), workingDays, copenhagen, 17)).toEqual(
      new Date(until),
    );
  });
});
