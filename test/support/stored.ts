// Looks into the store of a test site, and stores answers that its form would refuse.

import type { Answers } from "../../src/inquiries/form.ts";
import type { Inquiry } from "../../src/inquiries/store/schema.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import type { buildTestSite } from "./site.ts";
import { openStore, plain } from "./store.ts";

type TestSite = Pick<Awaited<ReturnType<typeof buildTestSite>>, "config" | "clock">;

export async function withStore<Result>(
  { config }: TestSite,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(config.dataDir);
  const result = await work(store);
  await store.close();
  return result;
}

/** Returns every inquiry, the newest first. */
export const storedInquiries = (site: TestSite): Promise<Inquiry[]> =>
  withStore(site, (store) => store.list());

/** Stores answers as they are. Returns the reference. */
export async function storeAnswers(
  site: TestSite,
  answers: Answers,
  quarantineReason = "",
): Promise<string> {
  const { inquiry } = await withStore(site, (store) =>
    store.accept(answers, { ...plain, quarantineReason }, site.clock.now),
  );
  return inquiry.reference;
}
