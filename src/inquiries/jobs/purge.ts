// The purge: inquiries that staff have had for the days of retention are deleted.

import { dayMs } from "../../calendar.ts";
import type { Log } from "../../log.ts";
import type { Store } from "../store/interface.ts";
import type { Job } from "./job.ts";

type PurgeParts = { store: Store; retentionDays: number; log: Log };

export function createPurge({ store, retentionDays, log }: PurgeParts): Job {
  return {
    name: "purge",
    async run(now) {
      const cutOff = new Date(now.getTime() - retentionDays * dayMs);
      const { length } = await store.purge(cutOff);
      if (length > 0) log.info({ purged: length }, "inquiries past their retention were deleted");
    },
  };
}
