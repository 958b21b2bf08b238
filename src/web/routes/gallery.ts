// Development only: one page with every part of the site in every state, and the mail to staff, from sample data in views/dev/.

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Express } from "express";
import { openLibrary } from "../../articles/library.ts";
import { checkForm } from "../../inquiries/form.ts";
import { composeMail } from "../../inquiries/inquiry-mail.ts";
import type { StoredInquiry } from "../../inquiries/store/schema.ts";
import { viewsDir } from "../../views.ts";
import type { Context } from "../context.ts";
import { failurePage } from "../errors.ts";
import { receiptPage } from "../receipt.ts";
import { contactPage, emptyForm } from "./contact.ts";
import { staffPage } from "./staff.ts";

export function galleryRoutes(app: Express, { config, colours, show, publish }: Context): void {
  // A change in views/ restarts the process, so this is read once.
  const inquiry = JSON.parse(
    readFileSync(path.join(viewsDir, "dev/inquiry.json"), "utf8"),
  ) as StoredInquiry;
  const now = new Date(inquiry.received_at);
  let samples: ReturnType<typeof openLibrary> | undefined;
  const openSamples = () =>
    (samples ??= openLibrary(path.join(viewsDir, "dev/articles"), { showHidden: true }));

  app.get("/dev/gallery", async (_request, response) => {
    const library = await openSamples();
    const specimen = library.find("specimen", now);
    if (!specimen)
      throw new Error(`the sample articles are wrong: ${JSON.stringify(library.errors())}`);
    const form = { ...emptyForm(), typed: inquiry.answers };
    const question = {
      field: "email",
      message: "Did you mean priya@gmail.com? If priya@gmial.com is correct, send the form again.",
      isMissing: false,
    };
    const checked = checkForm({
      ...inquiry.answers,
      name: "",
      email: "priya.raman at fjordfreight",
      kind: "",
    });
    const later = inquiry.received_at + 60_000;
    const sent = { ...inquiry, sent_at: later };
    const stages = [
      inquiry,
      sent,
      ...["taken_at", "answered_at", "closed_at"].map((mark) => ({ ...sent, [mark]: later })),
    ];
    const overdue = { ...inquiry, take_by: 1, answer_by: 1 };
    const receipt = (shown: StoredInquiry, delayed = false) =>
      receiptPage({ config, library, now: () => now }, shown, delayed);
    const screens = [
      contactPage(now, { form: checked.ok ? form : { ...form, ...checked } }),
      contactPage(now, { form: { ...form, problems: [question], isQuestion: true } }),
      contactPage(now, { form, notice: { asMail: "mailto:hello@example.com" } }),
      contactPage(now, { form, notice: { waitMinutes: 7 } }),
      contactPage(now, { form, delayed: true }),
      receipt(inquiry, true),
      ...[...stages, overdue].flatMap((shown) => [
        receipt(shown),
        staffPage(shown, config.replyWithinWorkingDays, now),
      ]),
      ...[400, 403, 404, 405, 413, 415, 500].map((status) =>
        failurePage(status, { about: "form", requestId: "0f6e…", detail: "" }),
      ),
    ];
    const [articles, parts, topics] = [
      library.list(now),
      library.seriesOf(specimen, now),
      library.topics(now),
    ];
    const data = { specimen, articles, parts, topics, body: await library.body(specimen), screens };
    show(response, 200, { view: "dev/gallery", title: "Gallery", data });
  });

  app.get("/images/*file", async (request, response, next) => {
    const image = await (await openSamples()).imageAt(request.path);
    if (image) publish(response, { body: image, type: path.extname(request.path) });
    else next();
  });

  // Composed for each request, so that a mistake in the template does not prevent the start.
  const mail = () => composeMail(inquiry, { ...config, colours }, ["CS-0000-AAAA"], "3 h 20 min");
  app.get("/dev/mail.html", (_request, response) => {
    response.removeHeader("Content-Security-Policy"); // the mail has inline styles, and mail programs ignore this policy
    publish(response, { body: mail().html ?? "", type: "html" });
  });
  app.get("/dev/mail.txt", (_request, response) =>
    publish(response, { body: mail().text, type: "text/plain" }),
  );
}
