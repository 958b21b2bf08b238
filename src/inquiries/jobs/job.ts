// Every job of the site, and when it runs.

import { dayMs, instantAt, isDanishWorkingDay, localTime } from "../../calendar.ts";
import { company } from "../../company.ts";

type Times = {
  /** The time between two runs. If several processes share a store, one of them does each run. */
  everyMs: number;
  isDue: (now: Date) => boolean;
};

/** The jobs and their times. The worker looks here in each pass, every ten seconds or sooner. */
export const schedule = {
  // From eight on a working day, this job looks every ten minutes whether the digest was sent,
  // which happens at most once a day.
  digest: { everyMs: 10 * 60_000, isDue: isDigestDue },
  // The purge runs every six hours, so an inquiry is deleted at most six hours late.
  purge: { everyMs: dayMs / 4, isDue: () => true },
} satisfies Record<string, Times>;

export type Job = {
  name: keyof typeof schedule;
  /** Throws if the job failed. */
  run: (now: Date) => Promise<void>;
};

const { timeZone } = company.headOffice;
/** At this hour the digest is due, so that staff in Copenhagen find it when their day begins. */
const digestHour = 8;

export const officeDay = (instant: Date) => localTime(instant, timeZone).toPlainDate();

/** Returns when the digest of the day of `instant` is due. */
export const digestTimeOn = (instant: Date): Date =>
  instantAt(officeDay(instant), digestHour, timeZone);

/**
 * Returns whether the digest is due. It stays due until midnight: after an outage it is late, and
 * isn't left out.
 */
function isDigestDue(now: Date): boolean {
  return isDanishWorkingDay(officeDay(now)) && now >= digestTimeOn(now);
}
