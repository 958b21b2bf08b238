// The outline of an article: its sections as spans of reading time, for the contents, the marks at headings and the bars in lists.

/** One `##` section, or the standfirst before the first of them (id and title are empty then). */
export type Section = { id: string; title: string; startSeconds: number; seconds: number; hasCode: boolean };

export type Outline = { sections: Section[]; words: number; readingMinutes: number };

// Adults read English non-fiction at 238 words a minute (Brysbaert 2019, a meta-analysis of 190 studies). Code is counted like prose.
const wordsPerMinute = 238;

/** Returns how many seconds it takes to read this many words. */
export function readingSeconds(words: number): number {
  return (words * 60) / wordsPerMinute;
}

/** Formats seconds as "1:13". */
export function readingClock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
