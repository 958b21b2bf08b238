// The offices as a visitor sees them at one instant: local time, whether somebody is at work, and the bars on a UTC day.

import { clockTime, instantAt, isDanishWorkingDay, localTime } from "../calendar.ts";
import { company, type Office } from "../company.ts";

/** Each office now; `left`, `width` and `nowAt` are per cent of a day in UTC. */
export function officeClocks(now: Date) {
  return company.offices.map((office) => {
    const { timeZone, opensAtHour, closesAtHour } = office;
    const today = localTime(now, timeZone);
    return {
      office,
      time: clockTime(now, timeZone),
      datetime: now.toISOString().slice(0, 16) + "Z",
      status: officeStatus(office, now),
      left: shareOfDay(instantAt(timeZone, today.year, today.month, today.day, opensAtHour)),
      width: percent((closesAtHour - opensAtHour) / 24),
      nowAt: shareOfDay(now),
    };
  });
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const onTheHour = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** "At work until 17:00", "Back at 08:00", "Closed until Monday 08:00" */
function officeStatus({ countryCode, timeZone, opensAtHour, closesAtHour }: Office, now: Date): string {
  const { year, month, day, hour } = localTime(now, timeZone);
  const dayAhead = (days: number) => new Date(Date.UTC(year, month - 1, day + days));
  const worksToday = isWorkday(countryCode, dayAhead(0));
  if (worksToday && hour >= opensAtHour && hour < closesAtHour) return `At work until ${onTheHour(closesAtHour)}`;
  let ahead = worksToday && hour < opensAtHour ? 0 : 1;
  while (!isWorkday(countryCode, dayAhead(ahead))) ahead += 1;
  const back = ahead < 2 ? "Back at" : `Closed until ${weekdays[dayAhead(ahead).getUTCDay()]}`;
  return `${back} ${onTheHour(opensAtHour)}`;
}

// Danish holidays are computed; Indonesian ones follow moon calendars that no rule here could get right, so there only weekends count.
function isWorkday(countryCode: string, day: Date): boolean {
  if (countryCode === "DK") return isDanishWorkingDay(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate());
  return day.getUTCDay() !== 0 && day.getUTCDay() !== 6;
}

const shareOfDay = (instant: Date) => percent((instant.getUTCHours() * 60 + instant.getUTCMinutes()) / 1440);
const percent = (share: number) => Math.round(share * 1000) / 10;
