// What the jobs need: which process runs one, whether it fails, and what a digest lists.

import { fields, type Answers } from "../form.ts";
import type { Inquiry } from "../inquiry.ts";
import { join, sql, type Sql, type StatementRunner } from "./database.ts";
import { clockSkewMs, readTime, recordEvent } from "./events.ts";
import { failedJobRetryMs, type JobStore, type Line } from "./interface.ts";
import {
  isOverdue,
  readInquiries,
  readSection as readSectionOf,
  rowsAtATime,
  unanswered,
} from "./queries.ts";

// A digest shows at most so many inquiries of each section: one has up to 20,000 characters, and
// mail servers refuse large mails.
const maxListed = 200;

const shortAnswers = (answers: Answers): Answers =>
  Object.fromEntries(
    fields.flatMap(({ name, control }) =>
      control === "textarea" ? [] : [[name, answers[name] ?? ""]],
    ),
  );

export function createJobs({ query, transaction }: StatementRunner): JobStore {
  const readSection = (condition: Sql, by: Sql) => readSectionOf(query, condition, by, maxListed);
  /**
   * Reads the lines of the inquiries that aren't `shown`. It drops their long texts at once, which
   * may have 400 MB in all.
   */
  const readLines = async (condition: Sql, shown: Inquiry[]): Promise<Line[]> => {
    const isShown = new Set(shown.map(({ id }) => id));
    const order = sql`order by received_at, id`;
    const rows = await query<{ id: number }>(
      sql`select id from inquiries where ${condition} ${order}`,
    );
    const ids = rows.map(({ id }) => id).filter((id) => !isShown.has(id));
    const lines: Line[] = [];
    for (let start = 0; start < ids.length; start += rowsAtATime) {
      const some = join(ids.slice(start, start + rowsAtATime));
      for (const { id, reference, delivery, answers } of await readInquiries(
        query,
        sql`where id in (${some}) ${order}`,
      ))
        lines.push({ id, reference, delivery, answers: shortAnswers(answers) });
    }
    return lines;
  };

  return {
    async claimJob(name, now, everyMs) {
      const at = now.getTime();
      const claimed = await query(sql`insert into events (name, at) values (${`job ${name}`}, ${at})
        on conflict (name) do update set at = excluded.at
        where events.at <= ${at - everyMs} or events.at > ${at + clockSkewMs}
          or (events.at <= ${at - failedJobRetryMs}
            and exists (select 1 from events as failing where failing.name = ${`failing ${name}`}))
        returning at`);
      return claimed.length === 1;
    },

    async setFailing(name, since) {
      const event = `failing ${name}`;
      await query(
        since
          ? sql`insert into events (name, at) values (${event}, ${since.getTime()})
              on conflict (name) do nothing`
          : sql`delete from events where name = ${event}`,
      );
    },

    lastDigest: () => readTime(query, "digest"),

    async digestContent({ now, opening, midnight }) {
      // Times that are later than now count as before `opening` too, because a wrong clock wrote
      // them.
      const isBeforeOpening = (time: Sql) =>
        sql`${time} not between ${opening.getTime()} and ${now.getTime() + clockSkewMs}`;
      const isMailed = sql`state <> 'quarantined'`;
      const isInQuarantine = sql`${unanswered} and state = 'quarantined' and ${isBeforeOpening(sql`received_at`)}`;
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
          sql`state = 'pending' and failure_type <> '' and ${isBeforeOpening(sql`waiting_since`)}`,
          sql`received_at`,
        ),
        quarantined,
        alsoQuarantined: await readLines(
          sql`${isInQuarantine} and listed_at is null`,
          quarantined.inquiries,
        ),
        sent: await readSection(
          sql`${unanswered} and state = 'sent' and progress = 'open' and listed_at is null
            and answer_by >= ${midnight.getTime()} and ${isBeforeOpening(sql`sent_at`)}`,
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
        await recordEvent(query, "digest", now);
        const markListed = sql`update inquiries set listed_at = ${now.getTime()} where listed_at is null`;
        for (const [state, ofState] of Map.groupBy(shown, ({ delivery }) => delivery.state))
          for (let start = 0; start < ofState.length; start += rowsAtATime) {
            const ids = ofState.slice(start, start + rowsAtATime).map(({ id }) => id);
            await query(sql`${markListed} and state = ${state} and id in (${join(ids)})`);
          }
        // No digest lists an inquiry that staff marked before it. It counts as listed now, so that
        // its days of retention begin even if a wrong clock wrote when it was sent.
        await query(sql`${markListed} and state = 'sent' and progress <> 'open'`);
      }),
  };
}
