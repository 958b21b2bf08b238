// Handles a complete form until it is stored: the rate limit, the question about a doubtful
// address, and the spam score, by which an inquiry is quarantined with the same receipt as any
// other.

import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { fields, type Answers, type Field, type Submitted } from "./form.ts";
import { hourlyTotalReason, liveCheckReason, type Source } from "./inquiry.ts";
import { deadlinesFrom } from "./progress.ts";
import type { FormStore } from "./store/interface.ts";
import { findDomainFault, type DomainFault, type LookUpDomain } from "./email-address.ts";

export type Outcome =
  | { kind: "stored"; reference: string; isRepeated: boolean }
  /** The sender has to confirm or correct the email address. Nothing was stored. */
  | { kind: "question"; fault: DomainFault }
  /** The network has reached its limit. Nothing was stored. */
  | { kind: "wait"; seconds: number };

type Parts = {
  store: FormStore;
  lookUpDomain: LookUpDomain;
  settings: {
    inquiriesPer10Minutes: number;
    inquiriesPerHourTotal: number;
    replyWithinWorkingDays: number | undefined;
  };
  /** Called when an inquiry was stored. */
  nudge: () => void;
  clock: () => Date;
};

export function createSubmit({ store, lookUpDomain, settings, nudge, clock }: Parts) {
  const secondsToWait = createRateLimit(settings.inquiriesPer10Minutes);

  /** Throws if the store fails. Then nothing was stored. */
  return async function submit(form: Submitted, source: Source, ip: string): Promise<Outcome> {
    const now = clock();
    const { answers } = form;
    const first = await store.findDuplicate(answers, now);
    if (first) return { kind: "stored", reference: first.reference, isRepeated: true };

    // Before the DNS is asked, so that forms which lead to a question count too.
    const seconds = secondsToWait(ip, now);
    if (seconds > 0) return { kind: "wait", seconds };

    const quarantineReason = await quarantineReasonOf(form, now);
    const fault = quarantineReason
      ? undefined
      : await findDomainFault(answers.email ?? "", lookUpDomain);
    if (fault && !form.isConfirmed) return { kind: "question", fault };

    const emailFault = fault ? `${fault.note}; the sender confirmed the address` : "";
    const deadlines = deadlinesFrom(now, settings.replyWithinWorkingDays);
    const submission = { source, quarantineReason, emailFault, ...deadlines };
    const { inquiry, isRepeated } = await store.accept(answers, submission, now);
    nudge();
    return { kind: "stored", reference: inquiry.reference, isRepeated };
  };

  async function quarantineReasonOf(form: Submitted, now: Date): Promise<string> {
    // Anybody can fill in this field: the only effect is quarantine.
    if (form.isLiveCheck) return liveCheckReason;
    const reason = spamReason(form.answers, form.isTrapFilled);
    const { inquiriesPerHourTotal: max } = settings;
    if (reason || max === 0) return reason;
    const lastHour = await store.countSince(new Date(now.getTime() - 3_600_000));
    return lastHour >= max ? hourlyTotalReason : "";
  }
}

const windowMs = 10 * 60_000;

/**
 * Returns a function that counts an inquiry and returns 0, or beyond the limit only returns the
 * seconds to wait. `limit`: inquiries of one IPv4 address or IPv6 /48 within ten minutes; 0: no
 * limit. Only a keyed hash of a network is held, in memory, so a restart resets it.
 */
export function createRateLimit(limit: number): (ip: string, now: Date) => number {
  const key = randomBytes(32).toString("hex");
  const timesOf = new Map<string, number[]>();

  return (ip, now) => {
    if (limit === 0) return 0;
    const at = now.getTime();
    const id = hash("sha256", key + networkOf(ip), "base64");
    const recent = timesOf.get(id)?.filter((time) => at - time < windowMs) ?? [];
    const oldest = recent.at(-limit);
    if (oldest !== undefined) return Math.ceil((oldest + windowMs - at) / 1_000);
    timesOf.delete(id); // so that it becomes the newest
    timesOf.set(id, [...recent, at]);
    for (const [other, times] of timesOf) {
      if (at - (times.at(-1) ?? 0) < windowMs) break; // the others are newer
      timesOf.delete(other);
    }
    return 0;
  };
}

/** Returns an IPv4 address, also if it is mapped to IPv6, or an IPv6 /48. */
function networkOf(ip: string): string {
  if (isIP(ip) === 0) return ip;
  const asIPv6 = isIP(ip) === 4 ? `::ffff:${ip}` : ip.split("%")[0];
  const canonical = new URL(`http://[${asIPv6}]`).hostname.slice(1, -1); // RFC 5952
  if (canonical.startsWith("::ffff:")) return canonical;
  const [start = ""] = canonical.split("::"); // the rest is at least two groups of zeros
  return [...start.split(":"), "0", "0"].slice(0, 3).join(":");
}

// The signs of a pitch: search ranking, an offer, our website, a low price, a question. None of
// thirty clients' messages that use such words has three signs. Thirteen of thirty pitches have.
const pitchSigns = [
  /\bseo\b|back ?link|link ?building|link insertion|guest (?:post|article)|sponsored post|google.{0,12}(?:rank|review)|(?:page|side|pertama|seite) .{0,12}google/i,
  /\bwe (?:offer|provide|can get|can drive|help businesses)|\bwe are .{0,40}(?:agency|company|manufacturer)|\bvi tilbyder|wir bieten|menawarkan/i,
  /\b(?:your|jeres|ihre) (?:web ?site|site|blog|webseite|hjemmeside|company|business|brand)|website anda/i,
  /[$€]\d|free (?:audit|mockup|trial|sample|quote)|for free|price ?list|rate card|affordable|competitive price|guaranteed|kostenlos|uforpligtende|harga murah/i,
  /\b(?:can|may|shall|could) (?:i|we) (?:send|share|email|offer)|\binterested(?: in\b|\?)|må jeg sende|reply for|would you like to see/i,
];

/** Returns the reasons to quarantine an inquiry in words, or "". */
export function spamReason(answers: Answers, isTrapFilled: boolean): string {
  const text = answersTo("textarea", answers);
  // A total weight of 2 is enough. Password managers fill hidden fields and honest people send
  // links, so neither is enough alone.
  const found = [
    { weight: 1, reason: "the hidden field was filled in", applies: isTrapFilled },
    { weight: 1, reason: "many links", applies: hasManyLinks(text, 3) },
    {
      weight: 2,
      reason: "a link in a one-line answer",
      applies:
        linksIn(answers.name ?? "") > 0 || linkWithPath.test(`${answers.name} ${answers.company}`),
    },
    {
      weight: 2,
      reason: "links in forum or HTML markup",
      applies: (text.match(markupLink)?.length ?? 0) * wordsPerMarkupLink > wordsIn(text),
    },
    {
      weight: 2,
      reason: "an offer of services in the words of agencies",
      applies: pitchSigns.filter((sign) => sign.test(text)).length >= 3,
    },
    {
      weight: 2,
      reason: "more than ten links in a short text",
      applies: hasManyLinks(text, 10) && wordsIn(text) <= 300,
    },
  ].filter(({ applies }) => applies);
  const weight = found.reduce((sum, one) => sum + one.weight, 0);
  return weight >= 2 ? found.map(({ reason }) => reason).join("; ") : "";
}

const answersTo = (control: Field["control"], answers: Answers): string =>
  fields
    .flatMap((field) => (field.control === control ? (answers[field.name] ?? "") : []))
    .join("\n");

const linkStart = /\bhttps?:\/\/|(?<!\/\/)\bwww\./gi;
const linksIn = (text: string): number => text.match(linkStart)?.length ?? 0;

const linkWithPath = /\b(?:https?:\/\/|www\.)[^\s/?#]+[/?#]+[^\s/?#),.;]/i;

/** A link in forum or HTML markup, as advertisements for other sites have it. */
const markupLink = /\[url=|<a\s[^<>]*href\s*=\s*["']?(?:https?:)?\/\//gi;
/** A client who quotes markup writes more words about it. */
const wordsPerMarkupLink = 8;

/** A client's brief has links to documents, and more than 40 words for each of them. */
const wordsPerLink = 40;

function hasManyLinks(text: string, allowed: number): boolean {
  const links = linksIn(text);
  return links > allowed && links * wordsPerLink > wordsIn(text);
}

/** Counts words without links, also in scripts without spaces. */
function wordsIn(text: string): number {
  const words = new Intl.Segmenter("en", { granularity: "word" });
  const withoutLinks = text.replace(/\b(?:https?:\/\/|www\.)\S+/gi, " ");
  return Array.from(words.segment(withoutLinks)).filter(({ isWordLike }) => isWordLike).length;
}
