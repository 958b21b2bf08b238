// Reads the mails to staff.

/**
 * Returns a plain-text mail without the marks of quoted lines, and with one space where it was
 * wrapped.
 */
export const unquoted = (text: string): string => text.replace(/^> ?/gm, "").replace(/\s+/g, " ");
