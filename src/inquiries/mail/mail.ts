// What a mail is, and the settings that composing one needs.

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
  headers?: Record<string, string>;
};

export type MailSettings = {
  mailFrom: Address;
  mailTo: Address[];
  contactEmail: string;
  siteUrl: string;
  retentionDays: number;
  /** Returns a command such as "inquiries list" as staff type it on this machine. */
  command: (words: string) => string;
};

export function staffPageUrl(siteUrl: string, { token }: Pick<Inquiry, "token">): string {
  return siteUrl + href("staff", { token });
}
