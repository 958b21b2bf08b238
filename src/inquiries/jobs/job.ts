// Every job of the site, and when it runs.

import { dayMs, instantAt, isDanishWorkingDay, localTime } from "../../calendar.ts";
import { company } from "../../company.ts";

type Times = {
  /** The time between two runs, of which one of several processes does each. */
  everyMs: number;
  isDue: (now: Date) => boolean;
};

/** The worker looks here in each pass, every ten seconds or sooner. */
export const schedule = {
  // On working days. Asked every ten minutes, and sent at most once a day.
  digest: { everyMs: 10 * 60_000, isDue: isDigestDue },
  // So an inquiry is deleted at most six hours late.
  purge: { everyMs: dayMs / 4, isDue: () => true },
} satisfies Record<string, Times>;

export type Job = {
  name: keyof typeof schedule;
  /** Throws if the job failed. */
  run: (now: Date) => Promise<void>;
};

const { timeZone } = company.headOffice;
/** So that staff in Copenhagen find the digest when their day begins. */
const digestHour = 8;

export const officeDay = (instant: Date) => localTime(instant, timeZone).toPlainDate();

/** When the digest of an instant's day is due. */
export const digestTimeOn = (instant: Date): Date =>
  instantAt(officeDay(instant), digestHour, timeZone);

/** Until midnight: after an outage the digest is late. */
function isDigestDue(now: Date): boolean {
  return isDanishWorkingDay(officeDay(now)) && now >= digestTimeOn(now);
}
