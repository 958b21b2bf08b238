// A visitor sends a canary word in everything that a request can contain, and the mail server quotes it. The process must not print it.

import { once } from "node:events";
import { hiddenFields } from "../src/inquiries/form.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { answersWith, filledForm } from "./support/form.ts";
import { startProcess } from "./support/process.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";
import { refusal, startSmtpPeer } from "./support/smtp-peer.ts";

test("the log contains nothing that a visitor sent", async () => {
  const data = await temporaryFolder();
  const quoting = "5.7.1 Kanariefugl <kanarie@kanarie.example> wrote: kanarie, which we refuse";
  const peer = await startSmtpPeer({
    onData: (stream, _session, callback) =>
      void stream.resume().on("end", () => callback(refusal(554, quoting))),
  });
  const articles = await articlesFolder({ "queues.md": articleFile() });
  const site = await startProcess({
    ...productionEnv,
    HOST: "127.0.0.1",
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
    DATA_DIR: data.dir,
    ARTICLES_DIR: articles.dir,
    LOG_LEVEL: "debug",
    TRUST_PROXY: "1",
  });

  const headers = {
    "User-Agent": "kanarie/1",
    Referer: "https://kanarie.example/",
    "X-Forwarded-For": "203.0.113.77",
    "X-Request-Id": "kanarie@kanarie.example",
    Cookie: "kanarie=1",
    Accept: "text/html; kanarie",
  };
  const email = "kanarie@cleansystems.dk";
  // Confirmed, because the resolver of a machine without a network may not find the domain.
  const valid = { ...answersWith("kanarie"), email, [hiddenFields.replyTo]: email };
  const names = Object.keys(filledForm);
  const inEveryField = Object.fromEntries(names.map((name) => [name, "Kanariefugl"]));
  const post = (changes: Record<string, string | undefined>) => ({
    method: "POST",
    body: new URLSearchParams({ ...filledForm, ...changes }),
  });
  const unreadable = { ...headers, "Content-Type": "text/kanarie" };
  const fromElsewhere = { ...headers, Origin: "https://kanarie.example" };
  const requests: [expected: number, address: string, init?: RequestInit][] = [
    [303, "/contact", post(valid)],
    [422, "/contact", post(inEveryField)],
    [415, "/contact?kanarie=1", { method: "POST", body: "kanarie", headers: unreadable }],
    [403, "/contact", { ...post(valid), headers: fromElsewhere }],
    [404, "/kanarie/%20kanarie?kanarie"],
    [400, "/topics/kanarie%zz"],
    [200, "/search?q=kanarie"],
    [404, "/contact/received?ref=kanarie"],
    [404, "/staff/kanarie?kanarie"],
    [422, "/staff/kanarie", post({ action: "kanarie", seen: "kanarie" })],
    [405, "/articles/kanarie", { method: "DELETE" }],
    [431, "/robots.txt", { headers: { ...headers, kanarie: "x".repeat(20_000) } }],
  ];
  for (const [expected, address, init] of requests) {
    const { status } = await fetch(site.origin + address, { headers, redirect: "manual", ...init });
    expect({ address, status }).toEqual({ address, status: expected });
  }
  while (!site.output().includes("mail could not be sent"))
    await once(site.child.stdout ?? site.child, "data");
  expect(await site.stop()).toBe(0);

  expect(site.output()).toContain("554");
  expect(site.output()).not.toMatch(/kanarie|203\.0\.113/i);
  const lines = site.output().trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual({
    level: "info",
    time: expect.any(String),
    request: expect.stringMatching(/^[\da-f-]{36}$/),
    method: "POST",
    route: "/contact",
    status: 303,
    ms: expect.any(Number),
    msg: "request",
  });
});
