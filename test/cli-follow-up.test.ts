// The commands with which staff mark inquiries, and what list, show and health say of them, on a real store.

import path from "node:path";
import { shortDateTime } from "../src/calendar.ts";
import { doctor as doctorCommand } from "../src/cli/doctor.ts";
import type { Command } from "../src/cli/environment.ts";
import { inquiries as command } from "../src/cli/inquiries.ts";
import { openStore, type Store } from "../src/inquiries/store/store.ts";
import { memory } from "./support/memory.ts";
import { callCommand } from "./support/command.ts";
import { filledForm, temporaryFolder } from "./support/site.ts";
import { startWebhook } from "./support/webhook.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const hourMs = 3_600_000;

let dir: string;
let remove: () => Promise<void>;
let store: Store;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
  store = await openStore(path.join(dir, "inquiries.db"), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await remove();
});

const run = (command: Command, args: string[], env = {}) =>
  callCommand(command, args, { DATA_DIR: dir, ...env });
const inquiries = (...args: string[]) => run(command, args);
const inCopenhagen = (ms: number | null | undefined) =>
  shortDateTime(new Date(ms ?? NaN), "Europe/Copenhagen");

/** Stores an inquiry that is to be taken so many hours from now and answered an hour later, or never. Returns its reference. */
async function accept(
  message: string,
  { dueInHours, slug = "" }: { dueInHours?: number; slug?: string } = {},
): Promise<string> {
  const due = dueInHours === undefined ? undefined : new Date(Date.now() + dueInHours * hourMs);
  const submission = {
    slug,
    title: "",
    quarantineReason: "",
    ...(due && { deadlines: { takeBy: due, answerBy: new Date(due.getTime() + hourMs) } }),
  };
  return (await store.inbox.accept({ ...answers, message }, submission, new Date())).inquiry
    .reference;
}

test("taken, answered, closed and undo print what they changed, or that nothing changed, and the store has the marks", async () => {
  const reference = await accept("one", { dueInHours: 5 });
  const marked = async (command: string) => {
    const { code, out } = await inquiries(command, reference.toLowerCase());
    return `${code} ${out.trim()}`;
  };
  const listed = "The next digest lists that.";
  expect(await marked("undo")).toBe(`0 ${reference}: not marked.`);
  expect(await marked("taken")).toBe(`0 ${reference}: taken. ${listed}`);
  expect(await marked("taken")).toBe(`0 ${reference}: taken already.`);
  expect(await marked("answered")).toBe(`0 ${reference}: answered. ${listed}`);
  expect(await store.inbox.find(reference)).toMatchObject({
    taken_at: expect.any(Number),
    answered_at: expect.any(Number),
  });
  expect(await marked("undo")).toBe(`0 ${reference}: no longer marked as answered. ${listed}`);
  expect(await marked("closed")).toBe(`0 ${reference}: closed without an answer. ${listed}`);
  expect(await marked("undo")).toBe(`0 ${reference}: no longer marked as closed. ${listed}`);
  expect(await marked("undo")).toBe(`0 ${reference}: no longer marked as taken. ${listed}`);
  expect(await store.inbox.find(reference)).toMatchObject({
    taken_at: null,
    answered_at: null,
    closed_at: null,
  });
  const marks = ["taken", "answered", "undo-answered", "closed", "undo-closed", "undo-taken"];
  expect((await store.followUp.listMarks()).map(({ mark }) => mark)).toEqual(marks);
});

test("a mark on a reference that is not stored exits with code 1, and one without a reference with code 2", async () => {
  const [unknown, none] = await Promise.all([
    inquiries("answered", "CS-0000-0000"),
    inquiries("undo"),
  ]);
  expect(unknown).toMatchObject({
    code: 1,
    err: expect.stringContaining("Nothing is stored under CS-0000-0000"),
  });
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining("a reference is missing") });
});

test("the command marks an inquiry beyond the limit of the staff page", async () => {
  const reference = await accept("one");
  const mark = (time: number) =>
    store.followUp.mark(reference, time % 2 ? "undo-taken" : "taken", new Date());
  for (let time = 0; time < 20; time += 1) await mark(time);
  expect(await mark(20)).toBe("too many");
  expect(await inquiries("taken", reference)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${reference}: taken.`),
  });
});

test("list shows the progress of each inquiry with its time in Copenhagen, and --overdue only overdue ones", async () => {
  const [old, due, overdue, taken, answered, closed] = [
    await accept("old"),
    await accept("due", { dueInHours: 5 }),
    await accept("overdue", { dueInHours: -5 }),
    await accept("taken", { dueInHours: 5 }),
    await accept("answered", { dueInHours: -5 }),
    await accept("closed", { dueInHours: -5 }),
  ];
  await store.followUp.mark(taken, "taken", new Date());
  await store.followUp.mark(answered, "answered", new Date());
  await store.followUp.mark(closed, "closed", new Date());
  const row = (reference: string) => store.inbox.find(reference);
  const expected: Record<string, string> = {
    [old]: "",
    [due]: `due ${inCopenhagen((await row(due))?.take_by)}`,
    [overdue]: `overdue since ${inCopenhagen((await row(overdue))?.take_by)}`,
    [taken]: `taken ${inCopenhagen((await row(taken))?.taken_at)}`,
    [answered]: `answered ${inCopenhagen((await row(answered))?.answered_at)}`,
    [closed]: `closed ${inCopenhagen((await row(closed))?.closed_at)}`,
  };
  const [all, late, json] = await Promise.all([
    inquiries("list"),
    inquiries("list", "--overdue"),
    inquiries("list", "--overdue", "--json"),
  ]);
  const [heading = "", ...lines] = all.out.trim().split("\n");
  expect(heading).toMatch(
    /^REFERENCE +STATE +RECEIVED +PROGRESS +SENDER \(times are in Copenhagen\)$/,
  );
  const [from, to] = [heading.indexOf("PROGRESS"), heading.indexOf("SENDER")];
  const shown = lines.map((line) => [line.slice(0, 12), line.slice(from, to).trim()]);
  expect(Object.fromEntries(shown)).toEqual(expected);
  expect(late.out.match(/CS-\S+/g)).toEqual([overdue]);
  expect(JSON.parse(json.out)).toMatchObject([{ reference: overdue }]);
});

test("list --sources prints how many inquiries came from each page in each month, also as JSON", async () => {
  expect((await inquiries("list", "--sources")).out).toBe("none\n");
  const slugs = [
    "builder-pattern-in-java",
    "builder-pattern-in-java",
    "no-longer-there",
    "",
    "builder-pattern-in-java",
  ];
  for (const [index, slug] of slugs.entries()) await accept(`number ${index}`, { slug });
  const [printed, json] = await Promise.all([
    inquiries("list", "--sources"),
    inquiries("list", "--sources", "--json"),
  ]);
  expect(printed.out).toMatch(
    /^\d{4}-\d\d\n {2}3 {2}builder-pattern-in-java\n {2}1 {2}The contact page\n {2}1 {2}no-longer-there\n$/,
  );
  expect(JSON.parse(json.out)).toHaveLength(3);
});

test("show and both exports have the times of an inquiry's progress, and no token", async () => {
  const reference = await accept("one", { dueInHours: -5 });
  await store.followUp.mark(reference, "taken", new Date());
  const row = await store.inbox.find(reference);
  if (!row) throw new Error("it is not stored");
  await store.followUp.recordOverdue("alert", [row], new Date());
  const commands = [
    ["show", reference],
    ["export", "--ref", reference],
    ["export", "--csv"],
  ];
  const [show = "", json = "", csv = ""] = (
    await Promise.all(commands.map((args) => inquiries(...args)))
  ).map(({ out }) => out);
  const time = /\w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen/.source;
  const [takeBy, answerBy] = [row.take_by, row.answer_by].map(
    (ms) => `${inCopenhagen(ms)} Copenhagen`,
  );
  expect(show).toMatch(
    new RegExp(
      `^To be taken by +${takeBy}\nAnswer due +${answerBy}\nTaken +${time}\nOverdue in alert +${time}\n`,
      "m",
    ),
  );
  const iso = (ms: number | null) => new Date(ms ?? NaN).toISOString();
  expect(JSON.parse(json)).toMatchObject([
    {
      takeBy: iso(row.take_by),
      answerBy: iso(row.answer_by),
      answered: "",
      closed: "",
      overdueInDigest: "",
    },
  ]);
  expect(csv).toMatch(
    /"takeBy","answerBy","taken","answered","closed","overdueInDigest","overdueInAlert"/,
  );
  for (const text of [show, json, csv]) expect(text).not.toContain(row.staff_token);
});

test("health names overdue inquiries and exits with code 1 until they are answered, and doctor reports them", async () => {
  const reference = await accept("one", { dueInHours: -5 });
  await inquiries("deliver");
  const [health, json, doctor] = await Promise.all([
    inquiries("health"),
    inquiries("health", "--json"),
    run(doctorCommand, []),
  ]);
  expect(health).toMatchObject({
    code: 1,
    out: "one inquiry is overdue; see npm run inquiries -- list --overdue\n",
  });
  expect(JSON.parse(json.out)).toMatchObject({ healthy: false, overdue: 1 });
  expect(doctor.out).toContain(
    "FAIL  one inquiry is overdue; see npm run inquiries -- list --overdue",
  );
  await inquiries("answered", reference);
  expect(await inquiries("health")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^healthy: /),
  });
});

test("doctor --send-test calls the webhook with a text", async () => {
  const webhook = await startWebhook();
  const { out } = await run(doctorCommand, ["--send-test"], { ALERT_WEBHOOK_URL: webhook.url });
  webhook.close();
  expect(out).toContain("PASS  webhook: accepted a test call");
  expect(webhook.calls).toMatchObject([
    {
      incident: "test",
      text: "This is a test call for http://localhost:3000. Alerts arrive here.",
    },
  ]);
});
