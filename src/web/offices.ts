// The offices as a visitor sees them at one instant: local time, whether somebody is at work, and the bars on a UTC day.

import { clockTime, instantAt, isDanishWorkingDay, localTime } from "../calendar.ts";
import { company, type Office } from "../company.ts";

/** `left`, `width` and `nowAt` are per cent of a day in UTC. */
export type OfficeClock = {
  office: Office;
  time: string;
  datetime: string;
  status: string;
  left: number;
  width: number;
  nowAt: number;
};

export function officeClocks(now: Date): OfficeClock[] {
  return company.offices.map((office) => {
    const today = localTime(now, office.timeZone);
    const opens = instantAt(office.timeZone, today.year, today.month, today.day, office.opensAtHour);
    return {
      office,
      time: clockTime(now, office.timeZone),
      datetime: now.toISOString().slice(0, 16) + "Z",
      status: officeStatus(office, now),
      left: shareOfDay(opens),
      width: percent((office.closesAtHour - office.opensAtHour) / 24),
      nowAt: shareOfDay(now),
    };
  });
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const hour = (hours: number) => `${String(hours).padStart(2, "0")}:00`;

/** "At work until 17:00", "Back at 08:00", "Closed until Monday 08:00" */
function officeStatus(office: Office, now: Date): string {
  const today = localTime(now, office.timeZone);
  const worksToday = isWorkday(office, today.year, today.month, today.day);
  if (worksToday && today.hour >= office.opensAtHour && today.hour < office.closesAtHour)
    return `At work until ${hour(office.closesAtHour)}`;
  if (worksToday && today.hour < office.opensAtHour) return `Back at ${hour(office.opensAtHour)}`;
  for (let ahead = 1; ahead < 15; ahead += 1) {
    const day = new Date(Date.UTC(today.year, today.month - 1, today.day + ahead));
    if (!isWorkday(office, day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate())) continue;
    if (ahead === 1) return `Back at ${hour(office.opensAtHour)}`;
    return `Closed until ${weekdays[day.getUTCDay()]} ${hour(office.opensAtHour)}`;
  }
  return "Closed";
}

// Danish holidays are computed; Indonesian ones follow moon calendars that no rule here could get right, so there only weekends count.
function isWorkday(office: Office, year: number, month: number, day: number): boolean {
  if (office.countryCode === "DK") return isDanishWorkingDay(year, month, day);
  return ![0, 6].includes(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
}

const shareOfDay = (instant: Date) => percent((instant.getUTCHours() * 60 + instant.getUTCMinutes()) / 1440);
const percent = (share: number) => Math.round(share * 1000) / 10;
