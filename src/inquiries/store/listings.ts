// Lists and counts, and what a digest has listed.

import { companyDomain, mailboxKey } from "../email-address.ts";
import { fields, type Answers } from "../form.ts";
import { progressRows } from "../handling.ts";
import { join, raw, sql, type Sql, type StatementRunner } from "./database.ts";
import { clockSkewMs, failingJobs, recordEvent } from "./events.ts";
import type { Inquiry } from "../inquiry.ts";
import type { Line, Section, Store } from "./interface.ts";
import { countInquiries, isQuarantinedFor, readInquiries } from "./row.ts";

// A digest shows at most 200 of each list: an inquiry has up to 20,000 characters, and mail servers
// refuse large mails.
const maxListed = 200;
const rowsAtATime = 100;
const maxRelated = 20;
/** /problems names at most ten inquiries: Slack cuts texts of more than 4,000 characters. */
const maxNamed = 10;

const settled = progressRows.flatMap(([value, row]) => (row.isUnanswered ? [] : `'${value}'`));
const unanswered = raw(`progress not in (${settled.join(", ")})`);

/** The same rule as `isOverdue` in handling.ts. */
const isOverdue = (at: Date): Sql => sql`${unanswered} and answer_by < ${at.getTime()}`;

const isRandomLetters = isQuarantinedFor("random-letters");

const shortAnswers = (answers: Answers): Answers =>
  Object.fromEntries(
    fields.flatMap(({ name, control }) =>
      control === "textarea" ? [] : [[name, answers[name] ?? ""]],
    ),
  );

export function createListings({ query, transaction }: StatementRunner) {
  const select = (rest: Sql) => readInquiries(query, rest);
  const count = (condition: Sql) => countInquiries(query, condition);
  /** The inner select reads only an index, the outer one the rows that were found. */
  const readSection = async (condition: Sql, by: Sql, max = maxListed): Promise<Section> => ({
    inquiries: await select(sql`where id in
      (select id from inquiries where ${condition} order by ${by}, id limit ${max})
      order by ${by}, id`),
    total: await count(condition),
  });
  /**
   * Reads the lines of the inquiries that aren't `shown`. It drops their long texts at once, which
   * may have 400 MB in all.
   */
  const readLines = async (condition: Sql, shown: Inquiry[]): Promise<Line[]> => {
    const isShown = new Set(shown.map(({ id }) => id));
    const order = sql`order by received_at, id`;
    const found = await query<{ id: number }>(
      sql`select id from inquiries where ${condition} ${order}`,
    );
    const ids = found.map(({ id }) => id).filter((id) => !isShown.has(id));
    const lines: Line[] = [];
    for (let start = 0; start < ids.length; start += rowsAtATime) {
      const some = join(ids.slice(start, start + rowsAtATime));
      for (const { id, reference, delivery, answers } of await select(
        sql`where id in (${some}) ${order}`,
      ))
        lines.push({ id, reference, delivery, answers: shortAnswers(answers) });
    }
    return lines;
  };
  // Reads 100 rows at a time: staff's commands once needed 1.5 GB for 20,000 long inquiries.
  async function* each() {
    const order = sql`order by received_at desc, id desc`;
    const found = await query<{ id: number }>(sql`select id from inquiries ${order}`);
    for (let start = 0; start < found.length; start += rowsAtATime) {
      const ids = found.slice(start, start + rowsAtATime).map(({ id }) => id);
      yield* await select(sql`where id in (${join(ids)}) ${order}`);
    }
  }

  return {
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
      return readSection(isRelated, sql`received_at desc`, maxRelated);
    },

    async summary(now) {
      const pending = async (rest: Sql) =>
        (await select(sql`where state = 'pending' ${rest} limit 1`))[0];
      return {
        overdue: await readSection(
          sql`${isOverdue(now)} and (state <> 'quarantined' or not ${isRandomLetters})`,
          sql`answer_by desc`,
          maxNamed,
        ),
        unlisted: await count(sql`${unanswered} and state = 'quarantined' and listed_at is null
          and not ${isRandomLetters}`),
        oldestPending: await pending(sql`order by waiting_since`),
        refused: await pending(sql`and failure_type = 'permanent' order by due_at desc`),
        failingJobs: await failingJobs(query),
      };
    },

    async digestContent({ now, opening, midnight }) {
      // It is true of a time later than now too, because a wrong clock wrote that one.
      const isBefore = (time: Sql) =>
        sql`${time} not between ${opening.getTime()} and ${now.getTime() + clockSkewMs}`;
      const isMailed = sql`state <> 'quarantined'`;
      const isInQuarantine = sql`${unanswered} and state = 'quarantined' and ${isBefore(sql`received_at`)}`;
      const quarantined = await readSection(
        isInQuarantine,
        sql`case when listed_at is null then 0 else 1 end, received_at`,
      );
      return {
        overdue: await readSection(sql`${isOverdue(now)} and ${isMailed}`, sql`answer_by`),
        dueToday: await readSection(
          sql`${isOverdue(midnight)} and ${isMailed} and answer_by >= ${now.getTime()}`,
          sql`answer_by`,
        ),
        refused: await readSection(
          sql`state = 'pending' and failure_type <> '' and ${isBefore(sql`waiting_since`)}`,
          sql`received_at`,
        ),
        quarantined,
        alsoQuarantined: await readLines(
          sql`${isInQuarantine} and listed_at is null`,
          quarantined.inquiries,
        ),
        sent: await readSection(
          sql`${unanswered} and state = 'sent' and progress = 'open' and listed_at is null
            and answer_by >= ${midnight.getTime()} and ${isBefore(sql`sent_at`)}`,
          sql`received_at`,
        ),
      };
    },

    articleCounts: () =>
      query(sql`select source as slug, count(*) as count from inquiries
        where sent_at is not null and progress <> 'closed'
        group by source order by count desc, slug`),

    recordListed: (shown, now) =>
      transaction(async (query) => {
        await query(recordEvent("digest", now));
        const list = sql`update inquiries set listed_at = ${now.getTime()} where listed_at is null`;
        for (const [state, ofState] of Map.groupBy(shown, ({ delivery }) => delivery.state))
          for (let start = 0; start < ofState.length; start += rowsAtATime) {
            const ids = ofState.slice(start, start + rowsAtATime).map(({ id }) => id);
            await query(sql`${list} and state = ${state} and id in (${join(ids)})`);
          }
        // No digest lists an inquiry that staff marked before it. It counts as listed now, so that
        // its days of retention begin even if a wrong clock wrote when it was sent.
        await query(sql`${list} and state = 'sent' and progress <> 'open'`);
      }),
  } satisfies Partial<Store>;
}
