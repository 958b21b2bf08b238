// When an inquiry is deleted, and which digest names the day and says that it was deleted unanswered.

import request from "supertest";
import { textOf } from "../support/html.ts";
import { postForm } from "../support/post.ts";
import {
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  row,
  section,
  sent,
  set,
  site,
  store,
  use,
  webhook,
} from "../support/passes.ts";
import { tuesday } from "../support/site.ts";

eachOnANewSite();

const dayMs = 86_400_000;
const isStored = async (reference: string) => (await store.find({ reference })) !== undefined;

describe("an inquiry is deleted", () => {
  const after = (days: number) => tuesday.getTime() + days * dayMs;

  test("never, if no digest said until when it is kept, whatever the webhook reported", async () => {
    mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? refused : sent);
    const open = await postForm(site);
    const answered = await postForm(site, { message: "answered" });
    await passAt(tuesday);
    await set(answered, "answered");
    for (const days of [31, 400, 4_000]) await passAt(after(days));
    expect(webhook.calls.length).toBeGreaterThan(0);
    expect(await row(open)).toMatchObject({ overdue_at: null });
    mailServer.answer = () => sent; // at last
    const digest = await passAt(after(4_003));
    expect(digest?.text.match(/^CS-.*Kept until 16 November 2037/gm)).toHaveLength(3);
    for (const reference of [open, answered]) {
      await passAt(after(4_009.9));
      expect(await isStored(reference)).toBe(true);
    }
    await passAt(after(4_010.2));
    for (const reference of [open, answered]) expect(await isStored(reference)).toBe(false);
  });

  test.each([
    ["seven days after a digest listed it", "14", 9, "10 December", 15.9, 16.3],
    ["half of RETENTION_DAYS after that, if that is shorter", "4", 9, "5 December", 10.9, 11.3],
    ["RETENTION_DAYS after it was sent, if that is later", "30", 9, "24 December", 29.9, 30.3],
  ])(
    "%s as overdue, if nobody marked it, and the digest names the day",
    async (_when, RETENTION_DAYS, listedAfter, day, before, later) => {
      await use({ RETENTION_DAYS });
      mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? refused : sent);
      const reference = await postForm(site);
      await passAt(tuesday);
      mailServer.answer = () => sent;
      const digest = await passAt(after(listedAfter)); // a Thursday: the digest is sent
      expect(section(digest, "OVERDUE")).toContain(`Kept until ${day} 2026.`);
      await passAt(after(before));
      expect(await isStored(reference)).toBe(true);
      await passAt(after(later));
      expect(await isStored(reference)).toBe(false);
    },
  );

  test("and the next digest says so once, if nobody had marked it", async () => {
    await use({ RETENTION_DAYS: "4" });
    const open = await postForm(site);
    const answered = await postForm(site, { message: "answered" });
    await passAt(tuesday);
    await set(answered, "answered");
    for (const day of [25, 26, 27]) await passAt(`2026-11-${day}T07:00:00Z`);
    for (const hour of ["07", "14"]) await passAt(`2026-11-28T${hour}:00:00Z`);
    expect([await isStored(open), await isStored(answered)]).toEqual([false, false]);
    const monday = await passAt("2026-11-30T07:00:00Z");
    expect(monday?.subject).toBe("1 deleted unanswered: inquiries on Monday 30 November");
    expect(section(monday, "DELETED UNANSWERED")).toContain(
      `\n\n${open}  deleted Sat 28 Nov 2026, 15:00 Copenhagen\n`,
    );
    expect(monday?.text).not.toMatch(new RegExp(`${answered}|Priya`));
    expect(await passAt("2026-12-01T07:00:00Z")).toBeUndefined();
  });

  test.each([
    ["30", "30 days", "7 days"],
    ["9", "9 days", "4.5 days"],
  ])(
    "as the privacy page says, with RETENTION_DAYS=%s",
    async (RETENTION_DAYS, retention, reported) => {
      await use({ RETENTION_DAYS });
      const { text } = await request(site.server).get("/privacy");
      expect(textOf(text)).toMatch(
        new RegExp(`own copy ${retention} later.*answered.* ${reported} after .*reminder`),
      );
    },
  );
});
