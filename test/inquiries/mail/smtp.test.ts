// SMTP: real dialogues with a server that works and with servers that fail.

import { readFileSync, readdirSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { simpleParser } from "mailparser";
import type { SMTPServerOptions } from "smtp-server";
import {
  createMailFolder,
  createSmtpSender,
  redactServerReply,
} from "../../../src/inquiries/mail/smtp.ts";
import type { Mail } from "../../../src/inquiries/mail/mail.ts";
import { listen } from "../../support/listen.ts";
import { temporaryFolder, tuesday } from "../../support/site.ts";
import { refusal, startSmtpPeer } from "../../support/smtp-peer.ts";

const mail: Mail = {
  reference: "CS-7F3K-9QXM",
  messageId: "<cs-7f3k-9qxm@cleansystems.example>",
  date: tuesday,
  from: { name: "Clean Systems website", address: "site@cleansystems.example" },
  to: [
    { name: "", address: "first@CleanSystems.example" },
    { name: "", address: "second@cleansystems.example" },
  ],
  replyTo: { name: "Søren Ærø", address: "soren@example.dk" },
  subject: "New project: Ærø Færger",
  text: "Hej\n.\n..\n" + "x".repeat(5_000) + "長🚢".repeat(1_000) + "\n",
  html: "<p>Hej</p>",
};

const smtpUrlOf = async (server: Server) => (await listen(server)).replace("http:", "smtp:");

async function sendTo(options: SMTPServerOptions, requireTls = false) {
  const peer = await startSmtpPeer(options);
  return { result: await createSmtpSender(peer.url, requireTls)(mail), mails: peer.mails };
}

test("a mail arrives whole: headers, both bodies, lines of dots", async () => {
  const { result, mails } = await sendTo({});
  expect(result).toEqual({ sent: true, refusedRecipients: [] });
  const [received] = mails;
  expect(received?.messageId).toBe(mail.messageId);
  expect(received?.date).toEqual(tuesday);
  expect(received?.replyTo?.value).toEqual([{ name: "Søren Ærø", address: "soren@example.dk" }]);
  expect(received?.subject).toBe(mail.subject);
  expect(received?.headers.get("auto-submitted")).toBe("auto-generated");
  expect(received?.headers.get("x-auto-response-suppress")).toBe("OOF, AutoReply");
  expect(received?.text).toBe(mail.text);
  expect(received?.html).toContain(mail.html);
});

test("a mail with headers of its own has them, and bounces to us", async () => {
  const headers = { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" };
  const senders: string[] = [];
  const peer = await startSmtpPeer({
    onMailFrom: ({ address }, _session, done) => done(void senders.push(address)),
  });
  await createSmtpSender(peer.url, false)({ ...mail, headers });
  expect(peer.mails[0]?.headers.get("auto-submitted")).toBe("auto-replied");
  expect(peer.mails[0]?.headers.get("x-auto-response-suppress")).toBe("All");
  expect(senders).toEqual(["site@cleansystems.example"]);
});

const atSender = (code: number, text = ""): SMTPServerOptions => ({
  onMailFrom: (_from, _session, done) => done(refusal(code, text)),
});
const atRecipient = (code: number, text = ""): SMTPServerOptions => ({
  onRcptTo: (_to, _session, done) => done(refusal(code, text)),
});
const afterText = (code: number): SMTPServerOptions => ({
  onData: (stream, _session, done) =>
    stream.resume().on("end", () => done(refusal(code, "5.7.1 looks like spam"))),
});
const busy: SMTPServerOptions = { onConnect: (_session, done) => done(refusal(421, "later")) };

test.each([
  ["a busy server", busy, "temporary", ""],
  ["a wrong sender", atSender(550, "5.1.8 bad sender"), "permanent", ""],
  ["a full mailbox", atRecipient(452), "temporary", ""],
  ["a refused recipient", atRecipient(550, "5.7.1 refused"), "permanent", ""],
  ["an unknown recipient", atRecipient(550, "5.1.1 unknown"), "permanent", "isNoAddress"],
  ["one unknown for now", atRecipient(450, "4.1.1 unknown for now"), "temporary", ""],
  ["a refused text", afterText(554), "permanent", "isAboutText"],
  ["one refused for now", afterText(451), "temporary", "isAboutText"],
])("%s: the result says whether waiting helps", async (_name, options, failure, about) => {
  const { result, mails } = await sendTo(options);
  const [isNoAddress, isAboutText] = [about === "isNoAddress", about === "isAboutText"];
  expect(result).toMatchObject({ sent: false, failure, isNoAddress, isAboutText });
  expect(mails).toEqual([]);
});

test("of two recipients the result has the position of the refused one", async () => {
  const { result } = await sendTo({
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("first") ? refusal(550, "unknown") : undefined),
  });
  expect(result).toEqual({ sent: true, refusedRecipients: [1] });
});

test("a reply of 300,000 characters is cut, and has no controls", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`554 no \x1b]0;title\x07\x1b[2J${"a".repeat(300_000)}\r\n`);
  });
  const result = await createSmtpSender(await smtpUrlOf(server), false)(mail);
  expect(result).toMatchObject({ sent: false, reason: expect.stringContaining("]0;title") });
  expect(JSON.stringify(result)).not.toMatch(/\\u00|\\r|\\n/);
  expect(JSON.stringify(result).length).toBeLessThan(1_000);
});

test.each([
  ["without TLS, if TLS is required", {}],
  ["with a self-signed certificate", { disabledCommands: ["AUTH"] }],
])("a server %s gets no mail", async (_name, options) => {
  const { result, mails } = await sendTo(options, true);
  expect(result).toMatchObject({ sent: false, failure: "permanent" });
  expect(mails).toEqual([]);
});

test("a refused connection is temporary, and its reason has no login", async () => {
  const placeholder = createServer();
  const url = (await smtpUrlOf(placeholder)).replace("//", "//user:secret@");
  placeholder.close();
  const result = await createSmtpSender(url, false)(mail);
  expect(result).toMatchObject({ sent: false, failure: "temporary" });
  expect(JSON.stringify(result)).not.toMatch(/secret|@/);
});

test("a refused login is permanent, and its reason doesn't repeat it", async () => {
  const login = Buffer.from("\0site\0a long password").toString("base64");
  const peer = await startSmtpPeer({
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: (_auth, _session, done) => done(refusal(535, `5.7.8 cannot accept ${login}`)),
  });
  const result = await createSmtpSender(peer.url.replace("//", "//site:x@"), false)(mail);
  expect(result).toMatchObject({
    sent: false,
    failure: "permanent",
    reason: expect.stringMatching(/^EAUTH .*535 5\.7\.8 cannot accept \[…\]/),
  });
});

test("without a mail server each mail is an .eml file of its owner", async () => {
  const folder = await temporaryFolder();
  for (const subject of ["first", mail.subject])
    await createMailFolder(folder.dir)({ ...mail, subject });
  expect(readdirSync(folder.dir)).toEqual([`${mail.reference}.eml`]);
  const file = path.join(folder.dir, `${mail.reference}.eml`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await simpleParser(readFileSync(file))).subject).toBe(mail.subject);
});

test("a mail folder that cannot be written is a failure", async () => {
  const result = await createMailFolder("/dev/null/mail")(mail);
  expect(result).toMatchObject({ sent: false, reason: expect.stringContaining("/dev/null/mail") });
});

test.each([
  [
    "EENVELOPE Can't send mail: 550 5.1.1 Priya is not here",
    "EENVELOPE Can't send mail: 550 5.1.1",
  ],
  ["EMESSAGE Message failed: 554-Priya\n554 wrote", "EMESSAGE Message failed: 554"],
  ["EAUTH 535", "EAUTH 535"],
  ["ESOCKET connect ECONNREFUSED 203.0.113.5:587", "ESOCKET connect ECONNREFUSED 203.0.113.5:587"],
])("the reason %j is logged as %j", (reason, logged) => {
  expect(redactServerReply(reason)).toBe(logged);
});
