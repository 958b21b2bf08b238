// The command `inquiries` on a new store before each test.

import { inquiries as command } from "../../src/cli/inquiries.ts";
import { callCommand, runCommand } from "./command.ts";
import { memory } from "./memory.ts";
import { temporaryFolder } from "./site.ts";
import { openStore, seedInquiry, type Seed } from "./store.ts";

export let dir: string;
export let store: Awaited<ReturnType<typeof openStore>>;

export function eachOnANewStore(): void {
  let remove: () => Promise<void>;
  beforeEach(async () => {
    ({ dir, remove } = await temporaryFolder(memory));
    store = await openStore(dir);
  });
  afterEach(async () => {
    await store.close();
    await remove();
  });
}

/** Runs the command in this process, or as a real one. */
export const inquiries = (...args: string[]) => callCommand(command, args, { DATA_DIR: dir });
export const inquiriesProcess = (...args: string[]) =>
  runCommand("inquiries", args, { DATA_DIR: dir });

export const seed = (changes: Seed = {}) => seedInquiry(store, changes);
export const find = (reference: string) => store.find({ reference });

/** Settles the inquiry that is due as sent. */
export async function sendNext(sentAt = new Date()): Promise<void> {
  const claim = await store.claimDue("test", new Date(), 60_000);
  if (!claim) throw new Error("nothing was due");
  await store.settle(claim, { sentAt });
}
