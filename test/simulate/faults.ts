// Faults that are planted into the real store. The simulation has to find each of them, or it
// proves nothing.

import type { Store } from "../../src/inquiries/store/interface.ts";
import type { Tamper } from "./world.ts";

export const faults: Record<string, Tamper> = {
  "no fence in settle": (store, database) => {
    const settle: Store["settle"] = ({ id }, result) => {
      const [change, at] =
        "sentAt" in result
          ? ["state = 'sent', sent_at = ?", result.sentAt]
          : ["state = 'pending', due_at = ?", result.dueAt];
      const free = "lease_owner = '', lease_until = 0";
      const sql = `UPDATE inquiries SET ${change}, ${free} WHERE id = ? RETURNING id`;
      return Promise.resolve(database.run(sql, at.getTime(), id).length === 1);
    };
    return { ...store, settle };
  },

  "settled before sent": (store) => ({
    ...store,
    async claimDue(owner, now, leaseMs) {
      const claim = await store.claimDue(owner, now, leaseMs);
      if (claim) await store.settle(claim, { sentAt: now });
      return claim;
    },
    settle: () => Promise.resolve(true),
  }),

  "same content not recognised": (store, database) => ({
    ...store,
    async accept(...args) {
      const accepted = await store.accept(...args);
      database.run("UPDATE inquiries SET content_key = NULL WHERE id = ?", accepted.inquiry.id);
      return accepted;
    },
    findDuplicate: () => Promise.resolve(undefined),
  }),

  "lease ignored in claim": (store, database) => ({
    ...store,
    claimDue(owner, now, leaseMs) {
      database.run("UPDATE inquiries SET lease_until = 0");
      return store.claimDue(owner, now, leaseMs);
    },
  }),

  "confirmation not marked as tried": (store, database) => ({
    ...store,
    async takeConfirmation(now) {
      const taken = await store.takeConfirmation(now);
      const undo = "UPDATE inquiries SET confirmation = 'wanted', confirmed_at = NULL WHERE id = ?";
      if (taken) database.run(undo, taken.id);
      return taken;
    },
  }),

  "purge of what was not delivered": (store, database) => ({
    ...store,
    async purge(cutOff) {
      const old = "DELETE FROM inquiries WHERE received_at < ? RETURNING reference";
      const gone = database.run(old, cutOff.getTime());
      const references = gone.map(({ reference }) => String(reference));
      return [...references, ...(await store.purge(cutOff))];
    },
  }),

  "the days of a listed inquiry go on after its mail": (store, database) => ({
    ...store,
    async settle(claim, result) {
      const settled = await store.settle(claim, result);
      const listedAt = claim.delivery.listedAt?.getTime();
      const again = "UPDATE inquiries SET listed_at = ? WHERE id = ?";
      if (listedAt !== undefined) database.run(again, listedAt, claim.id);
      return settled;
    },
  }),

  "an approval moves what was promised": (store) => ({
    ...store,
    save: (inquiry, change) => {
      const { delivery, handling } = change;
      const answerBy = new Date(handling.answerBy.getTime() + (delivery ? 1 : 0));
      return store.save(inquiry, { ...change, handling: { ...handling, answerBy } });
    },
  }),
};

export const noFault: Tamper = (store: Store) => store;
