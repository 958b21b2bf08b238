// What tests accept inquiries with, and the store in a folder.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { actions, resend, deadlinesFrom } from "../../src/inquiries/handling.ts";
import type { Store, Submission } from "../../src/inquiries/store/interface.ts";
import { createStore } from "../../src/inquiries/store/store.ts";
import { opened } from "./opened.ts";
import { filledForm, tuesday } from "./site.ts";

const { leave_empty: _trap, ...filled } = filledForm;
export const answers: Record<string, string> = filled;

/** What comes with the answers of an inquiry from the contact page on Tuesday. */
export const plain: Submission = {
  source: "",
  quarantineReason: "",
  emailFault: "",
  ...deadlinesFrom(tuesday, 1),
};
export const quarantined: Submission = { ...plain, quarantineReason: "markup" };

/** Opens the store of a data folder: SQLite, or in PostgreSQL. It is closed when the file ends. */
export async function openStore(dir: string, databaseUrl?: string): Promise<Store> {
  const file = path.join(dir, "inquiries.db");
  const store = createStore({ file, databaseUrl, messageIdDomain: "cleansystems.example" });
  opened.defer(() => store.close());
  await store.open();
  return store;
}

type Clicked = { now?: Date; by?: string; answerBy?: Date };

const decisions = { ...actions, resend };

/** Does what a button of the staff page or `resend` does. Returns false if it changed nothing. */
export async function click(
  store: Store,
  reference: string,
  action: keyof typeof decisions,
  { now = tuesday, by = "", answerBy = plain.answerBy }: Clicked = {},
): Promise<boolean> {
  const inquiry = await store.find({ reference });
  const change = inquiry && decisions[action](inquiry, { now, by, answerBy });
  return change ? store.save(inquiry, change) : false;
}

/**
 * Stores so many inquiries in a SQLite store, faster than forms do. Every `nth` one is in quarantine,
 * the others are answered.
 */
export function fillStore(file: string, count: number, nth: number, bytes: number): void {
  using database = new DatabaseSync(file);
  database
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
      INSERT INTO inquiries (reference, token, message_id, content_key, mailbox, answers,
        source, received_at, answer_by, state, quarantine_reason,
        email_fault, waiting_since, due_at, sent_at, listed_at, progress, progress_at)
      SELECT 'CS-' || n, 'token' || n, '<' || n || '>', 'key' || n, n || '@b.dk',
        json_object('message', hex(zeroblob(?4 / 2))), '', ?2 - n, ?2,
        iif(n % ?3, 'sent', 'quarantined'), iif(n % ?3, '', 'markup'), '', ?2 - n, ?2,
        iif(n % ?3, ?2, NULL), ?2, iif(n % ?3, 'answered', 'open'), ?2 FROM numbers`,
    )
    .run(count, tuesday.getTime(), nth, bytes);
}

/** The files in a data folder that contain a text, the mails too. */
export function filesWith(dir: string, text: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) =>
    readFileSync(path.join(parentPath, name)).includes(text) ? name : [],
  );
}

/** How many inquiries have each state. */
export async function countStates(store: Store) {
  const counts = { pending: 0, quarantined: 0, sent: 0 };
  for await (const { delivery } of store.each()) counts[delivery.state] += 1;
  return counts;
}
