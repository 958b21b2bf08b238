// Five faults planted into the real store, each of which the simulation has to find: a net that catches nothing proves nothing.

import type { Store } from "../../src/inquiries/store.ts";
import type { Tamper } from "./world.ts";

export const faults: Record<string, Tamper> = {
  "no fence in settle": (store, database) => {
    const settle = (id: number, state: string, dueAt: number, handedOverAt: number): Promise<boolean> => {
      const change = "state = ?, due_at = ?, handed_over_at = ?, lease_owner = NULL, lease_until = NULL";
      const sql = `UPDATE inquiries SET ${change} WHERE id = ? RETURNING id`;
      return Promise.resolve(database.run(sql, state, dueAt, handedOverAt, id).length === 1);
    };
    return {
      ...store,
      settleHandedOver: ({ id, due_at }, now) => settle(id, "handed-over", due_at, now.getTime()),
      settleFailed: ({ id }, state, dueAt) => settle(id, state, dueAt.getTime(), 0),
    };
  },

  "settled before sent": (store) => ({
    ...store,
    claimDue: async (owner, now, leaseMs) => {
      const claim = await store.claimDue(owner, now, leaseMs);
      if (claim) await store.settleHandedOver(claim, now);
      return claim;
    },
    settleHandedOver: () => Promise.resolve(true),
  }),

  "same content not recognised": (store, database) => ({
    ...store,
    findSame: () => Promise.resolve(undefined),
    accept: async (...args) => {
      const accepted = await store.accept(...args);
      database.run("UPDATE inquiries SET content_key = NULL WHERE id = ?", accepted.stored.id);
      return accepted;
    },
  }),

  "lease ignored in claim": (store, database) => ({
    ...store,
    claimDue: (owner, now, leaseMs) => {
      database.run("UPDATE inquiries SET lease_until = NULL");
      return store.claimDue(owner, now, leaseMs);
    },
  }),

  "purge of what was not delivered": (store, database) => ({
    ...store,
    purge: async (handedOverBefore, ...rest) => {
      const old = "DELETE FROM inquiries WHERE received_at < ? RETURNING reference";
      const gone = database.run(old, handedOverBefore.getTime());
      return [...gone.map(({ reference }) => String(reference)), ...(await store.purge(handedOverBefore, ...rest))];
    },
  }),
};

export const noFault: Tamper = (store: Store) => store;
