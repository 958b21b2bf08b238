// `node bench/posts-site.ts PORT DIR [--without-store]`: the site of the benchmark of posts. Delivery does not run, and the log is written to
// /dev/null. Without a store, inquiries are accepted and forgotten.

import { openSync, writeSync } from "node:fs";
import { parseConfig } from "../src/config.ts";
import { createReference } from "../src/inquiries/reference.ts";
import type { Inquiry } from "../src/inquiries/store/schema.ts";
import type { Store } from "../src/inquiries/store/store.ts";
import { createLog } from "../src/log.ts";
import { buildSite } from "../src/site.ts";
import { createConfiguredStore } from "../src/store-and-mail.ts";

const [port = "", dir = "", withoutStore] = process.argv.slice(2);
const config = parseConfig({
  PORT: port,
  DATA_DIR: dir,
  INQUIRIES_PER_10_MINUTES: "0",
  INQUIRIES_PER_HOUR_TOTAL: "0",
});
const accept: Store["accept"] = (answers) =>
  Promise.resolve({
    inquiry: { answers, reference: createReference() } as Inquiry,
    isRepeated: false,
  });
const devNull = openSync("/dev/null", "w");
const site = await buildSite(config, {
  sendMail: () => Promise.reject(new Error("delivery does not run")),
  now: () => new Date(),
  log: createLog("info", "json", (line) => writeSync(devNull, line)),
  createStore: (...settings) => {
    const store = createConfiguredStore(...settings);
    return withoutStore ? { ...store, accept } : store;
  },
});
site.server.listen(config.port, "127.0.0.1");
