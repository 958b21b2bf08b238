// How long the offices are open during the working day of clients in other cities, computed from the time zones.

import { instantAt, localTime } from "../calendar.ts";
import { company, type Office } from "../company.ts";

/** A working day of a client, local time. */
const clientDay = { opensAtHour: 9, closesAtHour: 17 };

const cities = [
  { city: "New York", timeZone: "America/New_York" },
  { city: "San Francisco", timeZone: "America/Los_Angeles" },
  { city: "London", timeZone: "Europe/London" },
  { city: "Singapore", timeZone: "Asia/Singapore" },
  { city: "Sydney", timeZone: "Australia/Sydney" },
];

const hourMs = 3_600_000;
// Daylight saving time begins and ends on different dates in Europe, America and Australia, at least a week apart.
const weeks = 53;

type Hours = Pick<Office, "timeZone" | "opensAtHour" | "closesAtHour">;

/**
 * Returns for each city how many hours of a client's working day each office is open: the minimum and maximum over the year after `now`. The
 * result is the same all day, so a page that shows it can be cached.
 */
export function overlaps(now: Date) {
  const first = localTime(now, company.headOffice.timeZone).toPlainDate();
  const wednesday = first.add({ days: (10 - first.dayOfWeek) % 7 }); // the days before and after a Wednesday are working days too
  const dates = Array.from({ length: weeks }, (_, week) => wednesday.add({ weeks: week }));
  return cities.map(({ city, timeZone }) => ({
    city,
    timeZone,
    offices: company.offices.map((office) => {
      const hours = dates.map((date) => overlapHours(office, { timeZone, ...clientDay }, date));
      return { office, min: Math.min(...hours), max: Math.max(...hours) };
    }),
  }));
}

/** Returns how many hours `office` is open during the client's working day on `date`, part of which may be another date at the office. */
function overlapHours(office: Hours, client: Hours, date: Temporal.PlainDate): number {
  const [from, to] = workingDay(client, date);
  const shared = [-1, 0, 1].map((days) => {
    const [opensAt, closesAt] = workingDay(office, date.add({ days }));
    return Math.max(0, Math.min(to, closesAt) - Math.max(from, opensAt));
  });
  return shared.reduce((sum, ms) => sum + ms, 0) / hourMs;
}

const workingDay = ({ timeZone, opensAtHour, closesAtHour }: Hours, date: Temporal.PlainDate) =>
  [opensAtHour, closesAtHour].map((hour) => instantAt(date, hour, timeZone).getTime()) as [number, number];
