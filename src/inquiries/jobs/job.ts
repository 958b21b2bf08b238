// What the worker runs after it has delivered.

export type JobName = "digest" | "purge";

export type Job = {
  name: JobName;
  /** The time between two runs, of which one of several processes does each. */
  everyMs: number;
  /** Whether the job may run at this time of the day. By default, always. */
  isDue?: (now: Date) => boolean;
  /** Throws if the job failed. */
  run: (now: Date) => Promise<void>;
};
