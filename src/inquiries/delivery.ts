// How an inquiry gets to staff: its states, what failed, and when staff got it.

// `erase` deletes an inquiry in any state. `purge` deletes none that staff do not have yet.
export const states = [
  // The inquiry is committed, and waits for the mail server.
  "pending",
  // The inquiry looks like spam. The digests list it until staff approve it, which makes it
  // pending, or close it.
  "quarantined",
  // The mail server accepted its mail, which is no proof of arrival. `resend` makes it pending again.
  "sent",
] as const;
export type State = (typeof states)[number];

/** Why an inquiry waits in quarantine, and what people read of it. The store has the names. */
const quarantineReasons = {
  // Doctor sends, finds and deletes it.
  "live-check": "live check",
  trap: "the hidden field was filled in, and there is a link",
  markup: "links in forum markup",
  // No client has ever written such a message.
  "random-letters": "the message is one word of random letters",
  // It looks like a client's, but arrived during a flood.
  flood: "too many inquiries arrived within an hour",
};
export type QuarantineReason = keyof typeof quarantineReasons;

const reasonWords = new Map<string, string>(Object.entries(quarantineReasons));
/** A newer version may have stored another reason before `deploy --back`: its name is shown. */
export const quarantineWords = ({ quarantineReason }: Delivery): string =>
  reasonWords.get(quarantineReason) ?? quarantineReason;

export type Failure = Readonly<{
  /**
   * The site retries after a temporary and a permanent failure, but a permanent one also needs
   * somebody to correct a setting, a staff mailbox or a bug. With a partial failure the inquiry was
   * sent, but not to all of the staff.
   */
  type: "temporary" | "permanent" | "partial";
  /** Why it failed, in words, and with what the mail server said. */
  reason: string;
}>;

export type Delivery = Readonly<{
  state: State;
  /** Why it was quarantined. It stays after staff approved it. Empty: never quarantined. */
  quarantineReason: QuarantineReason | "";
  /** Since when its mail has been waiting: since it was accepted, approved, or sent again. */
  waitingSince: Date;
  /** How often a process has tried to send the mail since then. */
  attempts: number;
  /** What the last attempt failed with, or a permanent failure of an earlier one. */
  failure: Failure | undefined;
  /** When the mail server accepted the first mail about it. */
  sentAt: Date | undefined;
  /** When the mail server accepted the digest that listed it. */
  listedAt: Date | undefined;
}>;

/** The delivery of an inquiry that waits for its mail from now on, with no attempts yet. */
export const waitFrom = (now: Date, delivery: Delivery): Delivery => ({
  ...delivery,
  state: "pending",
  waitingSince: now,
  attempts: 0,
});

/**
 * When staff first got it by mail: in its own, or, from quarantine, in the digest that listed it.
 */
export const emailedTime = ({ state, sentAt, listedAt }: Delivery): Date | undefined =>
  sentAt ?? (state === "pending" ? undefined : listedAt);

/** Since when its mail has been waiting to be sent again, or when it was. Undefined: never. */
export const resentTime = ({ sentAt, waitingSince }: Delivery): Date | undefined =>
  sentAt && sentAt < waitingSince ? waitingSince : undefined;
