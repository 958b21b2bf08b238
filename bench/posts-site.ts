// `node bench/posts-site.ts WAY PORT DIR`: the site of the benchmark of posts. buildSite opens its own store, so the site is put together here
// from the same parts; delivery does not run, and the log is written to /dev/null. WAY says what becomes of an inquiry:
//   durable    the store of the site
//   no commit  the store looks for the same inquiry as ever, but accepts without writing
//   no store   neither

import { openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { openLibrary } from "../src/articles/library.ts";
import { readColours } from "../src/colours.ts";
import { parseConfig } from "../src/config.ts";
import { createReference } from "../src/inquiries/reference.ts";
import type { Inbox } from "../src/inquiries/store/inbox.ts";
import { openStore } from "../src/inquiries/store/store.ts";
import type { StoredInquiry } from "../src/inquiries/store/schema.ts";
import { createLog } from "../src/log.ts";
import { createApp } from "../src/web/app.ts";
import { createPageCache } from "../src/web/page-cache.ts";

const [way = "", port = "", dir = ""] = process.argv.slice(2);
const config = parseConfig({ PORT: port, DATA_DIR: dir, INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" });
const store = await openStore(path.join(dir, "inquiries.db"), "localhost");
const accept: Inbox["accept"] = (answers) =>
  Promise.resolve({ inquiry: { answers, reference: createReference() } as StoredInquiry, isRepeated: false });
const findDuplicate: Inbox["findDuplicate"] = () => Promise.resolve(undefined);
const inboxes: Record<string, Inbox> = {
  durable: store.inbox,
  "no commit": { ...store.inbox, accept },
  "no store": { ...store.inbox, accept, findDuplicate },
};
const nowhere = openSync("/dev/null", "w");
const library = await openLibrary(config.articlesDir);
const now = () => new Date();
const pageCache = createPageCache({ library, now, stores: true });
const app = createApp({
  pageCache,
  config,
  colours: readColours(),
  library,
  inbox: inboxes[way] ?? store.inbox,
  staff: store.staff,
  delivery: { nudge: () => undefined },
  stopping: () => false,
  now,
  monotonicMs: () => performance.now(),
  log: createLog("info", "json", (line) => writeSync(nowhere, line)),
  development: undefined,
});
createServer((request, response) => {
  if (!pageCache.serve(request, response)) app(request, response);
}).listen(Number(port), "127.0.0.1");
