// A mail, and what all mails to staff need to be written.

import { href } from "../../urls.ts";
import type { Inquiry } from "../inquiry.ts";

export type Address = { name: string; address: string };

export type Mail = {
  reference: string;
  messageId: string;
  date: Date;
  from: Address;
  to: Address[];
  replyTo?: Address | undefined;
  subject: string;
  text: string;
  html?: string;
  /** Those that differ from the headers of other mails. */
  headers?: Record<string, string>;
};

export type MailSettings = {
  mailFrom: Address;
  mailTo: Address[];
  contactEmail: string;
  siteUrl: string;
  retentionDays: number;
  /** Returns the command that staff type, for example for "inquiries list". */
  command: (words: string) => string;
};

/** Returns the URL of the page on which staff mark an inquiry as taken or answered. */
export function staffPageUrl(siteUrl: string, { token }: Pick<Inquiry, "token">): string {
  return siteUrl + href("staff", { token });
}
