// The purge deletes the inquiries that staff have had for the days of retention, and cleans the
// files of what any deletion has left.

import { dayMs } from "../../calendar.ts";
import type { Log } from "../../log.ts";
import type { DeletionStore } from "../store/interface.ts";
import type { Job } from "./job.ts";

type Dependencies = { store: DeletionStore; retentionDays: number; log: Log };

export function createPurge({ store, retentionDays, log }: Dependencies): Job {
  return {
    name: "purge",
    async run(now) {
      const cutOff = new Date(now.getTime() - retentionDays * dayMs);
      const { length } = await store.purge(cutOff);
      if (length > 0) log.info({ purged: length }, "inquiries past their retention were deleted");
      if (!(await store.clean()))
        log.warn(
          "another process reads the store: its files have deleted text until the next purge",
        );
    },
  };
}
