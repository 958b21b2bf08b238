// How an inquiry gets to staff: its states, what failed, and when they have it.

// `erase` deletes in every state, `purge` nothing that staff do not have yet.
export const states = [
  // Committed, and waits for the mail server.
  "pending",
  // Looks like spam. The digests list it until staff let it through, which makes it pending, or close it.
  "quarantined",
  // The mail server accepted it, which is no proof of arrival: `resend` makes it pending again.
  "sent",
] as const;
export type State = (typeof states)[number];

export type Failure = Readonly<{
  /**
   * Both of the first two are retried, and a permanent one needs a correction too: of a setting, a
   * staff mailbox, a bug. A partial one is of a sent inquiry: not all of the staff have it.
   */
  type: "temporary" | "permanent" | "partial";
  /** In words, with the mail server's. */
  reason: string;
}>;

export type Delivery = Readonly<{
  state: State;
  /** In words, also after it was let through. Empty: never quarantined. */
  quarantineReason: string;
  /** Since when it has been waiting: it was accepted, let through, or is to be sent again. */
  waitingSince: Date;
  /** How often a process has tried to send it since then. */
  attempts: number;
  /** Of the last attempt, or a permanent one before it. */
  failure: Failure | undefined;
  /** When the mail server accepted its first mail. */
  sentAt: Date | undefined;
  /** When the mail server accepted the digest that listed it. */
  listedAt: Date | undefined;
}>;

/** The quarantine reason of an inquiry that doctor sends, finds and deletes. */
export const liveCheckReason = "live check";

/** The quarantine reason of an inquiry that looks like a client's, but arrived during a flood. */
export const hourlyTotalReason = "too many inquiries arrived within an hour";

/** The quarantine reason of what no client has ever written. */
export const randomLettersReason = "the message is one word of random letters";

/** It waits from now on, with fresh attempts. */
export const waitFrom = (now: Date, delivery: Delivery): Delivery => ({
  ...delivery,
  state: "pending",
  waitingSince: now,
  attempts: 0,
});

/** Of a quarantined one: when a digest listed it. */
export const emailedTime = ({ state, sentAt, listedAt }: Delivery): Date | undefined =>
  sentAt ?? (state === "pending" ? undefined : listedAt);

/** When staff last had its mail sent again, or undefined. */
export const resentTime = ({ sentAt, waitingSince }: Delivery): Date | undefined =>
  sentAt && sentAt < waitingSince ? waitingSince : undefined;
