// The offices at one instant: the local time, whether each is open, and its opening hours on a UTC day.

import { clockTime, instantAt, isDanishWorkingDay, localTime } from "../calendar.ts";
import { company, type Office } from "../company.ts";

/** Returns the state of each office. `left`, `width` (opening hours) and `nowAt` are percentages of a UTC day. */
export function officeClocks(now: Date) {
  return company.offices.map((office) => {
    const { timeZone, opensAtHour, closesAtHour } = office;
    const today = localTime(now, timeZone).toPlainDate();
    return {
      office,
      time: clockTime(now, timeZone),
      datetime: now.toISOString().slice(0, 16) + "Z",
      status: officeStatus(office, now),
      left: shareOfDay(instantAt(today, opensAtHour, timeZone)),
      width: percent((closesAtHour - opensAtHour) / 24),
      nowAt: shareOfDay(now),
    };
  });
}

const onTheHour = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** "Open until 17:00", "Opens at 08:00", "Closed until Monday 08:00" */
function officeStatus(
  { countryCode, timeZone, opensAtHour, closesAtHour }: Office,
  now: Date,
): string {
  const local = localTime(now, timeZone);
  const today = local.toPlainDate();
  const worksToday = isWorkday(countryCode, today);
  if (worksToday && local.hour >= opensAtHour && local.hour < closesAtHour)
    return `Open until ${onTheHour(closesAtHour)}`;
  let next = worksToday && local.hour < opensAtHour ? today : today.add({ days: 1 });
  while (!isWorkday(countryCode, next)) next = next.add({ days: 1 });
  const opens =
    today.until(next).days < 2
      ? "Opens at"
      : `Closed until ${next.toLocaleString("en-GB", { weekday: "long" })}`;
  return `${opens} ${onTheHour(opensAtHour)}`;
}

// Danish holidays are computed. Indonesian holidays are announced each year, so only weekends are known.
function isWorkday(countryCode: string, date: Temporal.PlainDate): boolean {
  return countryCode === "DK" ? isDanishWorkingDay(date) : date.dayOfWeek < 6;
}

const shareOfDay = (instant: Date) =>
  percent((instant.getUTCHours() * 60 + instant.getUTCMinutes()) / 1440);
const percent = (share: number) => Math.round(share * 1000) / 10;
