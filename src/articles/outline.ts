// An article's sections as spans of reading time: the contents beside the title, the marks at the headings, the fingerprint in lists.

/** One `##` section, or the standfirst before the first of them (id and title are empty then). */
export type Section = { id: string; title: string; startSeconds: number; seconds: number; hasCode: boolean };

export type Outline = { sections: Section[]; words: number; readingMinutes: number };

// Adults read English non-fiction at 238 words a minute (Brysbaert 2019, a meta-analysis of 190 studies). Code is counted like prose.
const wordsPerMinute = 238;

/** How long reading so many words takes. */
export function readingSeconds(words: number): number {
  return (words * 60) / wordsPerMinute;
}

/** Seconds as "1:13". */
export function readingClock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
