// How an inquiry gets to staff: its states, what failed, and when staff got it.

// `erase` deletes an inquiry in any state. `purge` deletes none that staff do not have yet.
export const states = [
  // The inquiry is committed, and waits for the mail server.
  "pending",
  // The inquiry looks like spam. The digests list it until staff approve it, which makes it
  // pending, or close it.
  "quarantined",
  // The mail server accepted its mail, which is no proof of arrival. `resend` makes it pending
  // again.
  "sent",
] as const;
export type State = (typeof states)[number];

/**
 * The reasons why an inquiry waits in quarantine. The store has their names, and people read the
 * words beside them.
 */
const quarantineReasons = {
  // Doctor sends a live check, finds it in the store and deletes it.
  "live-check": "live check",
  trap: "the hidden field was filled in, and there is a link",
  markup: "links in forum markup",
  // No client has ever written a message of random letters.
  "random-letters": "the message is one word of random letters",
  // The inquiry looks like a client's, but arrived during a flood.
  flood: "too many inquiries arrived within an hour",
};
export type QuarantineReason = keyof typeof quarantineReasons;

const reasonWords = new Map<string, string>(Object.entries(quarantineReasons));
/**
 * Returns in words why an inquiry was quarantined, or "" if it never was. A newer version may have
 * stored a reason that this one doesn't know, before `deploy --back`: of that it returns the name.
 */
export const quarantineWords = ({ quarantineReason }: Delivery): string =>
  reasonWords.get(quarantineReason) ?? quarantineReason;

export type Failure = Readonly<{
  /**
   * The site retries after a temporary and a permanent failure, but a permanent one also needs
   * somebody to correct a setting, a staff mailbox or a bug. With a partial failure the inquiry was
   * sent, but not to all of the staff.
   */
  type: "temporary" | "permanent" | "partial";
  /** Says why the attempt failed, with what the mail server answered. */
  reason: string;
}>;

export type Delivery = Readonly<{
  state: State;
  /**
   * Why the inquiry was quarantined, also after staff have approved it. It is empty if it never
   * was.
   */
  quarantineReason: QuarantineReason | "";
  /**
   * Since when the mail about an inquiry has been waiting: since the inquiry was accepted,
   * approved, or sent again.
   */
  waitingSince: Date;
  /** How often a process has tried to send the mail since `waitingSince`. */
  attempts: number;
  /** The failure of the last attempt, or a permanent failure of an earlier one. */
  failure: Failure | undefined;
  /** When the mail server accepted the first mail about the inquiry. */
  sentAt: Date | undefined;
  /** When the mail server accepted the digest that listed the inquiry. */
  listedAt: Date | undefined;
}>;

/** Returns the delivery of an inquiry that waits for its mail from now on, with no attempts yet. */
export const waitFrom = (now: Date, delivery: Delivery): Delivery => ({
  ...delivery,
  state: "pending",
  waitingSince: now,
  attempts: 0,
});

/**
 * Returns when staff first got an inquiry by mail: in a mail of its own, or from quarantine in the
 * digest that listed it. Returns undefined if they have had neither, and for an approved inquiry
 * until its own mail is sent.
 */
export const emailedTime = ({ state, sentAt, listedAt }: Delivery): Date | undefined =>
  sentAt ?? (state === "pending" ? undefined : listedAt);

/**
 * Returns when staff last had the mail of an inquiry sent again, or undefined if they never had.
 */
export const resentTime = ({ sentAt, waitingSince }: Delivery): Date | undefined =>
  sentAt && sentAt < waitingSince ? waitingSince : undefined;
