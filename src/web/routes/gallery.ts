// Development only: one page with every piece of the site in every state, and the mail, from sample data. `views/dev/` holds the rest.

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Express } from "express";
import { openLibrary } from "../../articles/library.ts";
import { composeMail } from "../../inquiries/inquiry-mail.ts";
import { checkForm } from "../../inquiries/form.ts";
import type { StoredInquiry } from "../../inquiries/store/schema.ts";
import { viewsDir } from "../../views.ts";
import type { Context } from "../context.ts";
import { contactPage, emptyForm, receiptPage } from "../contact-pages.ts";
import { failureTitles } from "../errors.ts";
import { officeClocks } from "../offices.ts";
import { notFoundSpans, phaseSpans } from "../trace.ts";

const readSample = () => JSON.parse(readFileSync(path.join(viewsDir, "dev/inquiry.json"), "utf8")) as StoredInquiry;

type Uses = Pick<Context, "config" | "colours" | "library" | "now" | "show" | "publish">;

export function galleryRoutes(app: Express, { config, colours, library: current, now: clock, show, publish }: Uses): void {
  const samples = () => openLibrary(path.join(viewsDir, "dev/articles"), { showHidden: true });

  app.get("/dev/gallery", async (_request, response) => {
    const stored = readSample();
    const now = new Date(stored.received_at);
    const library = await samples();
    const specimen = library.find("specimen", now);
    if (!specimen) throw new Error(`the sample articles are wrong: ${JSON.stringify(library.errors())}`);
    const checked = checkForm({ ...stored.answers, name: "", email: "priya.raman at fjordfreight", kind: "", message: "x".repeat(5_001) });
    const wrong = checked.ok ? {} : { typed: checked.typed, problems: checked.problems };
    const kept = { ...emptyForm(), typed: stored.answers };
    const phases = [
      { name: "Route", ms: 0.4, tone: "own" as const },
      { name: "Articles", ms: 1.1, tone: "other" as const },
      { name: "Render", ms: 2.1, tone: "own" as const },
    ];
    const contact = (title: string, data: Parameters<typeof contactPage>[1]) => ({ ...contactPage(now, data), title });
    const receipt = (title: string, inquiry: StoredInquiry, delayed = false) => ({
      ...receiptPage({ config, library: current, now: clock }, inquiry, delayed),
      title,
    });
    const clocks = ["2026-11-24T03:10:00Z", "2026-11-24T13:33:00Z", "2026-11-28T12:00:00Z"].map((at) => officeClocks(new Date(at)));
    const screens = [
      contact("The form, with errors", { form: { ...emptyForm(), ...wrong } }),
      contact("The form, when it could not be saved", { form: kept, notice: { asMail: "mailto:hello@example.com" } }),
      contact("The form, after too many messages", { form: kept, notice: { waitMinutes: 7 } }),
      contact("The form, filled, while mail is delayed", { form: kept, delayed: true }),
      receipt("The receipt: saved", stored),
      receipt("The receipt: emailed", { ...stored, sent_at: stored.received_at + 60_000 }),
      receipt("The receipt, while mail is delayed", stored, true),
      { title: "An unknown receipt", view: "pages/receipt-unknown" },
      ...Object.entries(failureTitles).map(([status, title]) => ({
        title: `Failure ${status}`,
        view: "pages/failure",
        data: { title, status: Number(status), requestId: "0f6e…", aboutForm: status === "413", detail: undefined },
      })),
      ...clocks.map((clocks) => ({ title: "Offices", view: "partials/offices", data: { clocks } })),
      { title: "The pitch", view: "partials/pitch" },
    ].map(({ title, view, ...page }) => ({ title, view, ...("data" in page ? page.data : {}) }));
    const data = {
      specimen,
      articles: library.list(now),
      parts: library.seriesOf(specimen, now),
      topics: library.topics(now),
      found: [
        {
          title: [
            { text: "Specimen: ", marked: false },
            { text: "Every", marked: true },
          ],
          excerpt: [{ text: "…of every queue…", marked: true }],
        },
      ],
      body: await library.body(specimen),
      traces: [
        { status: 200, total: "3.6 ms", spans: phaseSpans(phases) },
        { status: 404, total: "1.5 ms", spans: notFoundSpans(phases) },
      ],
      screens,
    };
    show(response, 200, { view: "dev/gallery", title: "Gallery", data });
  });

  app.get("/images/*file", async (request, response, next) => {
    const image = await (await samples()).imageAt(request.path);
    if (image) publish(response, { body: image, type: path.extname(request.path) });
    else next();
  });

  const mail = () => composeMail(readSample(), { ...config, colours }, ["CS-0000-AAAA"], "3 h 20 min");
  app.get("/dev/mail.html", (_request, response) => {
    response.removeHeader("Content-Security-Policy"); // mail programs know no such thing, and the mail has inline styles
    publish(response, { body: mail().html ?? "", type: "html" });
  });
  app.get("/dev/mail.txt", (_request, response) => publish(response, { body: mail().text, type: "text/plain" }));
}
