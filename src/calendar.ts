// Clock times in the offices' time zones, and Danish working days. Everything is computed from the instant it is given; nothing reads the clock.

/** A wall-clock reading; month 1-12. */
export type LocalTime = { year: number; month: number; day: number; hour: number; minute: number };

const formats = new Map<string, Intl.DateTimeFormat>();

function show(instant: Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", options);
  formats.set(key, format); // building one costs about 50 µs, using one 2 µs
  return format.format(instant);
}

/** What a clock in `timeZone` (IANA name) shows at `instant`. */
export function localTime(instant: Date, timeZone: string): LocalTime {
  const shown = show(instant, { timeZone, dateStyle: "short", timeStyle: "short" }); // 24/11/2026, 14:33
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = shown.split(/\D+/).map(Number);
  return { year, month, day, hour, minute };
}

/**
 * The instant at which a clock in `timeZone` shows this time. A time that daylight saving skips is read as one an hour away, a day past the
 * end of its month as one of the next.
 */
export function instantAt(timeZone: string, year: number, month: number, day: number, hour = 0, minute = 0): Date {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  // The offset at the wanted instant is not known before the instant is, so guess once and correct once.
  let instant = wanted;
  for (let round = 0; round < 2; round += 1) {
    const shown = localTime(new Date(instant), timeZone);
    instant += wanted - Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  }
  return new Date(instant);
}

/** "14:33" */
export function clockTime(instant: Date, timeZone: string): string {
  return show(instant, { timeZone, timeStyle: "short" });
}

/** "24 November 2026" */
export function longDate(instant: Date, timeZone: string): string {
  return show(instant, { timeZone, dateStyle: "long" });
}

/** "Wednesday 25 November" */
export function weekdayDate(instant: Date, timeZone: string): string {
  return show(instant, { timeZone, weekday: "long", day: "numeric", month: "long" }).replace(",", "");
}

/** "Wed 25 Nov 2026, 17:00", the short form used in mails. */
export function shortDateTime(instant: Date, timeZone: string): string {
  const date = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return show(instant, { timeZone, ...date, hour: "2-digit", minute: "2-digit" }).replace(",", "");
}

/** The day of Easter Sunday as a UTC date (the anonymous Gregorian algorithm, Meeus 1991). */
function easterSunday(year: number): Date {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return new Date(Date.UTC(year, Math.floor(f / 31) - 1, (f % 31) + 1));
}

// Maundy Thursday, Good Friday, Easter Monday, Ascension, Whit Monday. Great Prayer Day was abolished from 2024.
const daysFromEaster = [-3, -2, 1, 39, 50];
// New Year, Constitution Day, Christmas Eve to Boxing Day, New Year's Eve: not all are legal holidays, but offices are shut.
const fixedDays = ["1-1", "6-5", "12-24", "12-25", "12-26", "12-31"];

/** Is this day of the Danish calendar one on which the Copenhagen office works? A day past the end of its month is one of the next. */
export function isDanishWorkingDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isWeekend = [0, 6].includes(date.getUTCDay());
  if (isWeekend || fixedDays.includes(`${date.getUTCMonth() + 1}-${date.getUTCDate()}`)) return false;
  return !daysFromEaster.includes((date.getTime() - easterSunday(date.getUTCFullYear()).getTime()) / 86_400_000);
}

/** The instant at which the office closes on the `workingDays`-th Danish working day after the day of `from`. */
export function endOfWorkingDayAfter(from: Date, workingDays: number, timeZone: string, closesAtHour: number): Date {
  const { year, month, day } = localTime(from, timeZone);
  let ahead = 0;
  for (let left = workingDays; left > 0;) {
    ahead += 1;
    if (isDanishWorkingDay(year, month, day + ahead)) left -= 1;
  }
  return instantAt(timeZone, year, month, day + ahead, closesAtHour);
}
