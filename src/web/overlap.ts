// How long the offices are open during the working day of clients in other cities, computed from the time zones.

import { localTime } from "../calendar.ts";
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
  const [opensAt, closesAt] = workingDay(office, date);
  const shared = [-24, 0, 24].map((hours) =>
    Math.max(0, Math.min(to, closesAt + hours) - Math.max(from, opensAt + hours)),
  );
  return shared.reduce((sum, hours) => sum + hours, 0);
}

/** Returns when a working day begins and ends, in hours after midnight UTC. Clocks do not change on a working day. */
function workingDay(
  { timeZone, opensAtHour, closesAtHour }: Hours,
  date: Temporal.PlainDate,
): [number, number] {
  const offsetHours =
    date.toZonedDateTime({ timeZone, plainTime: "12:00" }).offsetNanoseconds / 3.6e12;
  return [opensAtHour - offsetHours, closesAtHour - offsetHours];
}
