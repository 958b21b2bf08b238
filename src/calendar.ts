// Dates and clock times in the offices' time zones, and Danish working days. Time zones are IANA
// names.

import { company } from "./company.ts";

/** 24 hours, which a day with a change of daylight saving time does not have. */
export const dayMs = 24 * 3_600_000;

export function localTime(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return instant.toTemporalInstant().toZonedDateTimeISO(timeZone);
}

/**
 * Returns the instant at which an hour from 0 to 23 begins on a day in a time zone. If daylight
 * saving time skips that hour, it returns the beginning of the next, and if the hour occurs twice,
 * that of the first.
 */
export function instantAt(date: Temporal.PlainDate, hour: number, timeZone: string): Date {
  return new Date(date.toZonedDateTime({ timeZone, plainTime: { hour } }).epochMilliseconds);
}

/** Returns a function that writes times. Creating a format takes 0.1 ms, and using it 1 µs. */
const formatter = (options: Intl.DateTimeFormatOptions) => {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (instant: Date, timeZone: string): string =>
    formats
      .getOrInsertComputed(
        timeZone,
        () => new Intl.DateTimeFormat("en-GB", { ...options, timeZone }),
      )
      .format(instant)
      .replace(",", "");
};

const hourAndMinute = { hour: "2-digit", minute: "2-digit" } as const;

/** Writes a time as "14:33". */
export const clockTime = formatter({ timeStyle: "short" });
/** Writes a date as "24 November 2026". */
export const longDate = formatter({ dateStyle: "long" });
/** Writes a time as "24 Nov 14:33". */
export const dayAndClockTime = formatter({ day: "numeric", month: "short", ...hourAndMinute });
/** Writes a date as "Wednesday 25 November". */
export const weekdayDate = formatter({ weekday: "long", day: "numeric", month: "long" });
/** Writes "17:00" and "Wednesday 25 November", whose day and month stay in one line. */
export const dayAndTime = (instant: Date, timeZone: string) => ({
  time: clockTime(instant, timeZone),
  day: weekdayDate(instant, timeZone).replace(/(\d) /, "$1\u00a0"),
});
/** Writes a time as "Wed 25 Nov 2026, 17:00". */
export const shortDateTime = formatter({
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  ...hourAndMinute,
});

/**
 * Returns Easter Sunday by the anonymous Gregorian algorithm (Jean Meeus, Astronomical Algorithms,
 * 1991).
 */
function easterSunday(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d =
    (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return new Temporal.PlainDate(year, Math.floor(f / 31), (f % 31) + 1);
}

// The days off that move with Easter, in days after it: Maundy Thursday, Good Friday, Easter
// Monday, Ascension Day and Whit Monday. Great Prayer Day was abolished from 2024.
const holidaysAfterEaster = [-3, -2, 1, 39, 50];
// The days off with a date of their own: New Year's Day, Constitution Day, Christmas Eve to Boxing
// Day and New Year's Eve. Not all of them are legal holidays, but offices are closed.
const fixedHolidays = ["01-01", "06-05", "12-24", "12-25", "12-26", "12-31"];

export function isDanishWorkingDay(date: Temporal.PlainDate): boolean {
  if (date.dayOfWeek > 5 || fixedHolidays.includes(date.toString().slice(5))) return false;
  return !holidaysAfterEaster.includes(easterSunday(date.year).until(date).days);
}

/**
 * A promised reply is due at this hour in Copenhagen: REPLY_WITHIN_WORKING_DAYS counts the days.
 */
const endOfWorkingDay = 17;

/** Returns the end of the working day that is so many working days after the date of `from`. */
export function endOfWorkingDayAfter(from: Date, workingDays: number): Date {
  const { timeZone } = company.headOffice;
  let date = localTime(from, timeZone).toPlainDate();
  for (let remaining = workingDays; remaining > 0;) {
    date = date.add({ days: 1 });
    if (isDanishWorkingDay(date)) remaining -= 1;
  }
  return instantAt(date, endOfWorkingDay, timeZone);
}

type Season = "winter" | "summer";
/** An office and its hours, in local time on weekdays. */
type Office = { timeZone: string; opensAtHour: number; closesAtHour: number };
type Span = [from: number, to: number];

/** Returns how many hours a time zone is ahead of UTC in a season of Europe. */
export function utcOffset(timeZone: string, season: Season): number {
  const month = { winter: 1, summer: 7 }[season];
  const noon = new Temporal.PlainDateTime(2026, month, 15, 12).toZonedDateTime(timeZone);
  return noon.offsetNanoseconds / 3.6e12;
}

/**
 * Returns how many hours an office shares with a client's day from nine to five, in winter and
 * summer.
 */
export const sharedHours = (office: Office, timeZone: string): number[] =>
  (["winter", "summer"] as const).map((season) =>
    sharedSpans(office, timeZone, season).reduce((sum, [from, to]) => sum + to - from, 0),
  );

/** Returns which hours of a UTC day an office shares with a client's day from nine to five. */
export function sharedSpans(office: Office, timeZone: string, season: Season): Span[] {
  const open = utcSpans(office.opensAtHour, office.closesAtHour, office.timeZone, season);
  const client = utcSpans(9, 17, timeZone, season);
  return open
    .flatMap((one) =>
      client.map((other): Span => [Math.max(one[0], other[0]), Math.min(one[1], other[1])]),
    )
    .filter(([from, to]) => from < to);
}

/** Returns local hours as spans of a UTC day. There are two if midnight UTC is between them. */
export function utcSpans(from: number, to: number, timeZone: string, season: Season): Span[] {
  const offset = utcOffset(timeZone, season);
  return [-24, 0, 24]
    .map((day): Span => [Math.max(0, from - offset + day), Math.min(24, to - offset + day)])
    .filter(([start, end]) => start < end);
}
