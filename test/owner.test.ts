// The owner's page and what he asked for by name, read on the running site. Twice something of it was
// gone while every test was green: Zod left the form for four and a half days, and ten of the twelve
// points left his article. Whoever makes this fail asks the owner first.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { jest } from "@jest/globals";
import ejs from "ejs";
import { createMailSender } from "../src/inquiries/mail/smtp.ts";
import { formSchema } from "../src/inquiries/form.ts";
import { textOf } from "./support/html.ts";
import { buildTestSite, postForm } from "./support/site.ts";
import { startSmtpPeer } from "./support/smtp-peer.ts";

const root = path.resolve(import.meta.dirname, "..");
const compile = jest.spyOn(ejs, "compile");
const peer = await startSmtpPeer();
const env = { SMTP_URL: peer.url, SMTP_REQUIRE_TLS: "false" };
const site = await buildTestSite({ env });
const slug = "why-backend-developers-carry-the-most-responsibility";
const { text: page } = await site.get(`/articles/${slug}`);
const [home, services] = await Promise.all(["/", "/services"].map((at) => site.get(at)));

const sections = page
  .replaceAll("<h3", "<p")
  .split(/(?=<h2)/)
  .map(textOf);
/**
 * Returns the words from a heading to the next one, or without a heading those before the first.
 */
const under = (heading: string) =>
  heading ? sections.find((words) => words.startsWith(heading)) : sections[0];

test("the article has the owner's title and byline", () => {
  const words = textOf(page);
  expect(words).toContain("Why Backend Developers Often Carry the Most Responsibility in a Team");
  expect(words).toContain("by Eric Hanson, Backend Developer at Clean Systems Consulting");
});

// One or two words without which the sentence of a point can't say it, under the owner's heading.
test.each([
  ["", "first to hear, last to be thanked, weight, product"],
  ["The Invisible Backbone", "frontend, requests, database operations, integrations"],
  ["The Invisible Backbone", "business rules, permissions, validation"],
  ["The Invisible Backbone", "consistent, reliable data, across systems"],
  ["The Invisible Backbone", "if this fails, small bug, large outage"],
  ["Complexity Beyond Code", "endpoint, real time, distributed, consistent"],
  ["Complexity Beyond Code", "caching, performance, asynchronous"],
  ["Complexity Beyond Code", "ripples, one mistake"],
  ["Responsibility for Reliability", "animation, downtime, slow, gracefully"],
  ["Responsibility for Reliability", "logs, metrics, security, authentication, privacy"],
  ["Responsibility for Reliability", "reliability is expected, the backend"],
  ["Collaboration and Communication", "frontend, devops, product, client"],
  ["Collaboration and Communication", "limits, trade-offs, apis, maintain"],
  ["Collaboration and Communication", "domain, the business, bridge"],
  ["The Weight of Responsibility", "unseen, complex, critical, quiet, succeed"],
  ["The Weight of Responsibility", "respect the backend, responsibility, reliab"],
  ["Scale Your Backend - Need an Experienced Backend Developer?", "contractors, in your team"],
  ["Scale Your Backend", "build, improve, scale, clean design, documentation, reliable"],
  ["Scale Your Backend", "stronger team, operate, maintain, own development environments"],
  ["Scale Your Backend", "the us, the eu, asia, asynchronous, focused"],
  ["Scale Your Backend", "production backend experience., systems, apis, databases, production"],
  ["Scale Your Backend", "scalable architecture., traffic, product grow"],
  ["Scale Your Backend", "contractor friendly., short projects, long-term support, release"],
  ["Scale Your Backend", "focus on backend reliability., api performance, database stability"],
  ["Scale Your Backend", "documentation-driven development., aligned"],
  ["Scale Your Backend", "domain-driven design., real business processes"],
  ["Our offices", "copenhagen, 1 carlsberg gate, 1260 københavn, denmark"],
  ["Our offices", "magelang, 12 jalan bligo, 56485 magelang, indonesia"],
])("under “%s” stands: %s", (heading, points) => {
  for (const point of points.split(", ")) expect(under(heading)?.toLowerCase()).toContain(point);
});

test.each([
  ["when-clients-hate-your-work", "hurts, plan"],
  [
    "service-communication-in-spring-boot-rest-vs-messaging",
    "stays up, whose data, wakes you, most systems",
  ],
  ["spring-boot-configuration-management", "production, which source wins, files, whole"],
  ["builder-pattern-in-java", "telescoping, optional, layer, late, keep up"],
])("More articles leads to %s, which says: %s", async (name, words) => {
  const [, more = ""] = page.split(/<h2 id="page-more">More articles/);
  expect(more).toContain(`href="/articles/${name}"`);
  expect(page).toContain('content:"Read more"');
  const { text } = await site.get(`/articles/${name}`);
  const standfirst = /<p class="standfirst">(.*?)<\/p>/s.exec(text)?.[1] ?? "";
  for (const word of words.split(", ")) expect(standfirst.toLowerCase()).toContain(word);
});

test("More articles has the owner's titles", () => {
  const [, more = ""] = page.split(/<h2 id="page-more">More articles/);
  const words = textOf(more.replaceAll("<wbr>", "")).replaceAll("\u00a0", " ");
  for (const title of [
    "When Clients Hate Your Work: Learning What Went Wrong",
    "Service Communication in Spring Boot: REST vs Messaging",
    "Spring Boot Configuration Management — Profiles, @ConfigurationProperties, and Secrets",
    "The Builder Pattern in Java — When It Helps and When It Becomes a Liability",
  ])
    expect(words).toContain(title);
});

test("engineers who join a team are the first kind of help", async () => {
  const kinds = services?.text.match(/<h3 id="page-kind-\w+">[^<]+/g) ?? [];
  expect(textOf(kinds[0] ?? "")).toBe("Engineers to join your team");
  const [, form = ""] = (await site.get("/contact")).text.split("Tell us about your project</h1>");
  expect(/type="radio"[^>]*value="(\w+)"/.exec(form)?.[1]).toBe("team");
  expect(under("Tell us about your project")).toContain("Your name");
  expect(textOf(home?.text ?? "")).toContain("Our offices");
});

test("Express serves, EJS renders, Zod validates, Nodemailer sends", async () => {
  const servedBy: unknown[] = [];
  site.server.on("request", (request) => servedBy.push("app" in request && request.app));
  expect(compile.mock.calls.length).toBeGreaterThan(3);

  const { error } = formSchema.safeParse({ name: "" });
  const [missing] = error?.issues ?? [];
  const safeParse = jest.spyOn(formSchema, "safeParse");
  const { status, text } = await site.sendForm({ name: "" });
  expect([status, safeParse.mock.calls.length]).toEqual([422, 1]);
  expect(missing?.path).toEqual(["name"]);
  expect(text).toContain(`<a href="#page-name">${missing?.message}</a>`);
  expect(servedBy).toEqual([site.app]);

  const own = await buildTestSite({
    env,
    dependencies: { sendMail: createMailSender(site.config) },
  });
  await postForm(own);
  await own.worker.deliverDue();
  expect(peer.mails).toHaveLength(1);
  expect(readFileSync(path.join(root, "src/inquiries/mail/smtp.ts"), "utf8")).toContain(
    'import { createTransport } from "nodemailer";',
  );
});

test("the owner's packages are used, and his names are at the top level", () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
  expect(Object.keys(dependencies)).toEqual(
    expect.arrayContaining(["ejs", "express", "nodemailer", "zod"]),
  );
  expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(["jest", "supertest"]));
  for (const name of "package.json tsconfig.json src views articles static test .env.example".split(
    " ",
  ))
    expect([name, existsSync(path.join(root, name))]).toEqual([name, true]);
});
