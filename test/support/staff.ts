// Sends an inquiry, and uses the staff page that its mail links to.

import request from "supertest";
import type { FormChanges } from "./form.ts";
import { postForm } from "./post.ts";
import type { buildTestSite } from "./site.ts";

type TestSite = Awaited<ReturnType<typeof buildTestSite>>;

/** Sends an inquiry and its mail. Returns its reference, and the path of its staff page from the mail. */
export async function sendInquiry(
  site: TestSite,
  changes: FormChanges = {},
): Promise<{ reference: string; page: string }> {
  const reference = await postForm(site, changes);
  await site.delivery.deliverDue();
  const mail = site.mailbox.find((one) => one.reference === reference);
  const page = /\/staff\/[\da-f]{32}$/m.exec(mail?.text ?? "")?.[0];
  if (!page) throw new Error(`no mail of ${reference} links to a staff page`);
  return { reference, page };
}

/** Presses a button on a staff page, as a browser does. */
export function press(
  { server }: Pick<TestSite, "server">,
  page: string,
  mark: string,
): request.Test {
  return request(server)
    .post(page)
    .set("Sec-Fetch-Site", "same-origin")
    .type("form")
    .send({ mark });
}

/** The stages of an inquiry that pages show: the marks, one minute after each other, and how many hours after it was sent the page is opened. */
export const stages: Record<string, { marks: string[]; hours: number }> = {
  mailed: { marks: [], hours: 1 },
  taken: { marks: ["taken"], hours: 1 },
  answered: { marks: ["taken", "answered"], hours: 30 },
  closed: { marks: ["closed"], hours: 1 },
  overdue: { marks: [], hours: 30 },
  "taken-overdue": { marks: ["taken"], hours: 30 },
};

/** Sends an inquiry, presses the buttons of its stage, and sets the clock to when its pages are opened. */
export async function reachStage(
  site: TestSite,
  stage: string,
): Promise<{ receipt: string; page: string }> {
  const sentAt = site.clock.now.getTime();
  const { marks = [], hours = 0 } = stages[stage] ?? {};
  const { reference, page } = await sendInquiry(site, { message: stage });
  for (const mark of marks) {
    site.clock.now = new Date(site.clock.now.getTime() + 60_000);
    const { status } = await press(site, page, mark);
    if (status !== 303) throw new Error(`${mark}: ${status}`);
  }
  site.clock.now = new Date(sentAt + hours * 3_600_000);
  return { receipt: `/contact/received?ref=${reference}`, page };
}
