// The text of mails: wrapped and quoted lines, times in the cities of the offices, and mailto
// links.

import { clockTime, longDate, shortDateTime } from "../../calendar.ts";
import { company } from "../../company.ts";

/**
 * Begins every line of a visitor with "> ", so that none can be taken for one of ours. Wraps lines
 * at 70 characters, quotation marks and indentation included, and leaves no two empty lines in a
 * row.
 */
export function quote(text: string): string {
  const lines = text
    .replace(/\n\s*\n/g, "\n\n")
    .split("\n")
    .flatMap((line) => {
      const [start = ""] = /^[> ]{0,40}/.exec(line) ?? [];
      const parts = wrappedLine(line.slice(start.length), 68 - start.length);
      return parts.map((part) => start + part);
    });
  return lines.map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** Guesses whether a paragraph is code, a log or a table. A wrong guess costs only a typeface. */
export const isFixedWidth = (paragraph: string): boolean =>
  /^\s|^\W?\d[\d:.T-]{4,}|\t|[^\s.!?:] {2,}\S|[;{}]$/m.test(paragraph);

/**
 * Writes a time in the cities of all offices: "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang",
 * with two dates if the days differ.
 */
export function inEachOffice(instant: Date): string {
  const here = company.headOffice.timeZone;
  const shown = company.offices.map(({ city, timeZone }) => {
    const isSameDay = timeZone !== here && longDate(instant, timeZone) === longDate(instant, here);
    return `${isSameDay ? clockTime(instant, timeZone) : shortDateTime(instant, timeZone)} ${city}`;
  });
  return shown.join(", ");
}

/** Writes a time at the head office: "Wed 25 Nov 2026, 17:00 Copenhagen". */
export const atHeadOffice = (instant: Date): string =>
  `${shortDateTime(instant, company.headOffice.timeZone)} ${company.headOffice.city}`;

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A fact in a mail: a label, and a text that links to `href`. */
export type Fact = { label: string; text: string; href?: string | undefined };

/** Writes facts as lines of text, with the texts below each other in a column. */
export function factLines(facts: Fact[]): string {
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  const indent = " ".repeat(width);
  const lines = facts.flatMap(({ label, text, href }) => [
    label.padEnd(width) + wrap(text, 70 - width, indent),
    ...(href ? [indent + href] : []),
  ]);
  return lines.join("\n");
}

/**
 * Returns a mailto link. Everything in it is percent-encoded, and its line breaks are CRLF (RFC
 * 6068).
 */
export function mailto(address: string, headers: Record<string, string> = {}): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed().replace(/\n/g, "\r\n"));
  const query = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`);
  const to = encode(address).replace(/%40(?=[^@]*$)/, "@");
  return `mailto:${to}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/**
 * Wraps a text at spaces into lines of at most `width` characters. A longer word stays whole. Lines
 * after the first begin with `indent`.
 */
export function wrap(text: string, width: number, indent = ""): string {
  const lines = text.split("\n").flatMap((line) => wrappedLine(line, width));
  return lines.join(`\n${indent}`);
}

function wrappedLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let start = 0;
  while (line.length - start > width) {
    let end = line.lastIndexOf(" ", start + width);
    if (end <= start) end = line.indexOf(" ", start + width); // this word is longer than the line
    if (end === -1) break;
    lines.push(line.slice(start, end));
    start = end + 1;
  }
  return [...lines, line.slice(start)];
}

export function truncate(text: string, length: number): string {
  const symbols = Array.from(text);
  return symbols.length <= length ? text : `${symbols.slice(0, length - 1).join("")}…`;
}
