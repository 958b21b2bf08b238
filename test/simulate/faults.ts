// Five faults planted into the real store, each of which the simulation has to find: a net that catches nothing proves nothing.

import { DatabaseSync } from "node:sqlite";
import type { Store } from "../../src/inquiries/store.ts";
import type { Tamper } from "./world.ts";

/** Runs one statement on the store's file, past the store. */
function behindItsBack(file: string, sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

export const faults: Record<string, Tamper> = {
  "no fence in settle": (store, file) => {
    const settle = (id: number, state: string, dueAt: number, handedOverAt: number): Promise<boolean> => {
      const change = "state = ?, due_at = ?, handed_over_at = ?, lease_owner = NULL, lease_until = NULL";
      const sql = `UPDATE inquiries SET ${change} WHERE id = ? RETURNING id`;
      return Promise.resolve(behindItsBack(file, sql, state, dueAt, handedOverAt, id).length === 1);
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

  "same content not recognised": (store, file) => ({
    ...store,
    findSame: () => Promise.resolve(undefined),
    accept: async (...args) => {
      const accepted = await store.accept(...args);
      behindItsBack(file, "UPDATE inquiries SET content_key = NULL WHERE id = ?", accepted.stored.id);
      return accepted;
    },
  }),

  "lease ignored in claim": (store, file) => ({
    ...store,
    claimDue: (owner, now, leaseMs) => {
      behindItsBack(file, "UPDATE inquiries SET lease_until = NULL");
      return store.claimDue(owner, now, leaseMs);
    },
  }),

  "purge of what was not delivered": (store, file) => ({
    ...store,
    purge: async (handedOverBefore, ...rest) => {
      const old = "DELETE FROM inquiries WHERE received_at < ? RETURNING reference";
      const gone = behindItsBack(file, old, handedOverBefore.getTime());
      return [...gone.map(({ reference }) => String(reference)), ...(await store.purge(handedOverBefore, ...rest))];
    },
  }),
};

export const noFault: Tamper = (store: Store) => store;
