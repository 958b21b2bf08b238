// What the staff page, the commands and /problems need: finding, listing and saving inquiries.

import { companyDomain, mailboxKey } from "../email-address.ts";
import { join, sql, type Sql, type StatementRunner } from "./database.ts";
import { failingJobs } from "./events.ts";
import type { StaffStore } from "./interface.ts";
import {
  countInquiries,
  isOverdue,
  isQuarantinedFor,
  readInquiries,
  readSection,
  rowsAtATime,
  unanswered,
} from "./queries.ts";

const maxRelated = 20;
/** /problems names at most ten inquiries: Slack cuts texts of more than 4,000 characters. */
const maxNamed = 10;

const isRandomLetters = isQuarantinedFor("random-letters");

export function createStaff({ query }: StatementRunner): StaffStore {
  const select = (rest: Sql) => readInquiries(query, rest);
  // Reads 100 rows at a time: staff's commands once needed 1.5 GB for 20,000 long inquiries.
  async function* each() {
    const order = sql`order by received_at desc, id desc`;
    const rows = await query<{ id: number }>(sql`select id from inquiries ${order}`);
    for (let start = 0; start < rows.length; start += rowsAtATime) {
      const ids = rows.slice(start, start + rowsAtATime).map(({ id }) => id);
      yield* await select(sql`where id in (${join(ids)}) ${order}`);
    }
  }

  return {
    async find(by) {
      const condition = "token" in by ? sql`token = ${by.token}` : sql`reference = ${by.reference}`;
      return (await select(sql`where ${condition}`))[0];
    },

    // Staff never change what was promised to the sender, and the other columns belong to the
    // worker and the digest.
    async save({ id, delivery: before, handling: seen }, { delivery, handling }) {
      const since = delivery?.waitingSince.getTime() ?? 0;
      const waiting = delivery
        ? sql`, state = ${delivery.state}, attempts = ${delivery.attempts},
            waiting_since = ${since}, due_at = ${since}`
        : sql``;
      const saved = await query(sql`update inquiries
        set progress = ${handling.progress}, taken_by = ${handling.takenBy},
          progress_at = ${handling.changedAt?.getTime() ?? null},
          answer_by = ${handling.answerBy.getTime()}${waiting}
        where id = ${id} and state = ${before.state}
          and coalesce(progress_at, 0) = ${seen.changedAt?.getTime() ?? 0}
        returning id`);
      return saved.length === 1;
    },

    each,
    list: () => Array.fromAsync(each()),

    async related({ id, answers }) {
      const mailbox = mailboxKey(answers.email ?? "");
      const domain = companyDomain(mailbox);
      const isColleague = domain ? sql`or mailbox like ${`%@${domain}`}` : sql``;
      // The inner select reads only the index of mailboxes: with 20,000 inquiries of 20 KB the page
      // took 370 ms without it.
      const isRelated = sql`id in (select id from inquiries where mailbox = ${mailbox} ${isColleague})
        and id <> ${id} and not ${isQuarantinedFor("live-check")}`;
      return readSection(query, isRelated, sql`received_at desc`, maxRelated);
    },

    async summary(now) {
      const pending = async (rest: Sql) =>
        (await select(sql`where state = 'pending' ${rest} limit 1`))[0];
      return {
        overdue: await readSection(
          query,
          sql`${isOverdue(now)} and (state <> 'quarantined' or not ${isRandomLetters})`,
          sql`answer_by desc`,
          maxNamed,
        ),
        unlisted: await countInquiries(
          query,
          sql`${unanswered} and state = 'quarantined' and listed_at is null
          and not ${isRandomLetters}`,
        ),
        oldestPending: await pending(sql`order by waiting_since`),
        refused: await pending(sql`and failure_type = 'permanent' order by due_at desc`),
        failingJobs: await failingJobs(query),
      };
    },
  };
}
