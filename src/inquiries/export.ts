// What is stored of an inquiry, as a person or a spreadsheet reads it.

import type { StoredInquiry } from "./store-schema.ts";

export type ExportedInquiry = ReturnType<typeof exported>;

/** One inquiry with its instants as ISO 8601 in UTC, and without keys, leases and due times. */
export function exported(inquiry: StoredInquiry) {
  const instant = (ms: number | null) => (ms === null ? "" : new Date(ms).toISOString());
  return {
    reference: inquiry.reference,
    state: inquiry.state,
    received: instant(inquiry.received_at),
    handedOver: instant(inquiry.handed_over_at),
    name: inquiry.name,
    email: inquiry.email,
    company: inquiry.company,
    kind: inquiry.kind,
    start: inquiry.start,
    from: inquiry.source_slug,
    suspicion: inquiry.suspicion,
    attempts: inquiry.attempts,
    lastFailure: inquiry.last_failure ?? "",
    messageId: inquiry.message_id,
    message: inquiry.message,
  };
}

/** CSV as in RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csv(rows: ExportedInquiry[]): string {
  const cell = (value: string | number) => {
    const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
    return `"${text.replaceAll('"', '""')}"`;
  };
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
  return lines.map((line) => line.map(cell).join(",")).join("\r\n");
}
