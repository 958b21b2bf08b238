// Seven faults that are planted into the real store. The simulation has to find each of them, or it proves nothing.

import type { Inbox } from "../../src/inquiries/store/inbox.ts";
import type { Queue } from "../../src/inquiries/store/queue.ts";
import type { Staff } from "../../src/inquiries/store/staff.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import type { Tamper } from "./world.ts";

export const faults: Record<string, Tamper> = {
  "no fence in settle": (store, database) => {
    const settle = (id: number, state: string, dueAt: number, sentAt: number): Promise<boolean> => {
      const change = "state = ?, due_at = ?, sent_at = ?, lease_owner = NULL, lease_until = NULL";
      const sql = `UPDATE inquiries SET ${change} WHERE id = ? RETURNING id`;
      return Promise.resolve(database.run(sql, state, dueAt, sentAt, id).length === 1);
    };
    const settleSent: Queue["settleSent"] = ({ id, due_at }, now) =>
      settle(id, "sent", due_at, now.getTime());
    const settleFailed: Queue["settleFailed"] = ({ id }, state, dueAt) =>
      settle(id, state, dueAt.getTime(), 0);
    return { ...store, queue: { ...store.queue, settleSent, settleFailed } };
  },

  "settled before sent": (store) => {
    const claimDue: Queue["claimDue"] = async (owner, now, leaseMs) => {
      const claim = await store.queue.claimDue(owner, now, leaseMs);
      if (claim) await store.queue.settleSent(claim, now);
      return claim;
    };
    return {
      ...store,
      queue: { ...store.queue, claimDue, settleSent: () => Promise.resolve(true) },
    };
  },

  "same content not recognised": (store, database) => {
    const accept: Inbox["accept"] = async (...args) => {
      const accepted = await store.inbox.accept(...args);
      database.run("UPDATE inquiries SET content_key = NULL WHERE id = ?", accepted.inquiry.id);
      return accepted;
    };
    return {
      ...store,
      inbox: { ...store.inbox, accept, findDuplicate: () => Promise.resolve(undefined) },
    };
  },

  "lease ignored in claim": (store, database) => {
    const claimDue: Queue["claimDue"] = (owner, now, leaseMs) => {
      database.run("UPDATE inquiries SET lease_until = NULL");
      return store.queue.claimDue(owner, now, leaseMs);
    };
    return { ...store, queue: { ...store.queue, claimDue } };
  },

  "purge of what was not delivered": (store, database) => {
    const purge: Staff["purge"] = async (times, ...rest) => {
      const old = "DELETE FROM inquiries WHERE received_at < ? RETURNING reference";
      const gone = database.run(old, times.sentBefore.getTime());
      return [
        ...gone.map(({ reference }) => String(reference)),
        ...(await store.staff.purge(times, ...rest)),
      ];
    };
    return { ...store, staff: { ...store.staff, purge } };
  },

  "purge of unanswered inquiries by age": (store, database) => {
    const purge: Staff["purge"] = (times, ...rest) => {
      database.run(
        "UPDATE inquiries SET answered_at = 1 WHERE sent_at < ?",
        times.sentBefore.getTime(),
      );
      return store.staff.purge(times, ...rest);
    };
    return { ...store, staff: { ...store.staff, purge } };
  },

  "times of a clock that was ahead are believed": (store) => {
    return { ...store, staff: { ...store.staff, correctFutureTimes: () => Promise.resolve() } };
  },
};

export const noFault: Tamper = (store: Store) => store;
