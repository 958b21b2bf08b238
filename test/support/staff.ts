// Sends an inquiry, and uses the staff page that its mail links to.

import request from "supertest";
import { advertisement, type FormChanges } from "./form.ts";
import { postForm } from "./site.ts";
import { elementsNamed, mainTextOf } from "./html.ts";
import type { TestSite } from "./site.ts";

/**
 * Sends an inquiry and its mail. Returns its reference, and the path of its staff page from the
 * mail.
 */
export async function sendInquiry(site: TestSite, changes: FormChanges = {}) {
  const reference = await postForm(site, changes);
  await site.worker.deliverDue();
  const mail = site.mailbox.find((one) => one.reference === reference);
  const page = /^Mark it .*(\/staff\/[\da-f]{32})$/m.exec(mail?.text ?? "")?.[1];
  if (!page) throw new Error(`no mail of ${reference} links to a staff page`);
  return { reference, page };
}

/** Opens a staff page and presses a button on it, as a browser does. */
export async function press(
  site: Pick<TestSite, "server" | "get">,
  page: string,
  action: string,
  initials = "",
): Promise<request.Response> {
  return send(site, page, { action, initials, seen: seenOn((await site.get(page)).text) });
}

/** How tests read the pages about inquiries, and set the clock (Copenhagen, November 2026). */
export function pagesOf(site: TestSite) {
  const pageText = async (path: string) => mainTextOf((await site.get(path)).text);
  return {
    pageText,
    receiptText: (reference: string) => pageText(`/contact/received?ref=${reference}`),
    buttonsOf: async (page: string) =>
      elementsNamed((await site.get(page)).text, "button").map(({ value }) => value),
    stored: (reference: string) => site.store.find({ reference }),
    at: (time: string) => (site.clock.now = new Date(`2026-11-${time}:00+01:00`)),
  };
}

/** Returns the hidden field of a staff page: when the inquiry was last changed. */
export const seenOn = (html: string): string => /name="seen" value="(\d+)"/.exec(html)?.[1] ?? "";

/** Sends the form of a staff page. */
export const send = (
  { server }: Pick<TestSite, "server">,
  page: string,
  body: object,
): request.Test =>
  request(server).post(page).set("Sec-Fetch-Site", "same-origin").type("form").send(body);

/**
 * The stages of an inquiry that pages show: the buttons pressed, one minute after each other, and
 * how many hours after it was sent the page is opened.
 */
export const stages: Record<string, { buttons: string[]; hours: number; form?: FormChanges }> = {
  mailed: { buttons: [], hours: 1 },
  taken: { buttons: ["taken"], hours: 1 },
  answered: { buttons: ["taken", "answered"], hours: 30 },
  closed: { buttons: ["closed"], hours: 1 },
  overdue: { buttons: [], hours: 30 },
  "taken-overdue": { buttons: ["taken"], hours: 30 },
  quarantined: { buttons: [], hours: 1, form: advertisement },
};

/**
 * Sends an inquiry, presses the buttons of its stage, and sets the clock to when its pages are
 * opened.
 */
export async function reachStage(site: TestSite, stage: string) {
  const sentAt = site.clock.now.getTime();
  const { buttons = [], hours = 0, form } = stages[stage] ?? {};
  const reference = await postForm(site, { message: stage, ...form });
  await site.worker.deliverDue();
  const page = `/staff/${(await site.store.find({ reference }))?.token}`;
  for (const button of buttons) {
    site.clock.now = new Date(site.clock.now.getTime() + 60_000);
    const { status } = await press(site, page, button);
    if (status !== 303) throw new Error(`${button}: ${status}`);
  }
  site.clock.now = new Date(sentAt + hours * 3_600_000);
  return { receipt: `/contact/received?ref=${reference}`, page };
}
