// Small numbers as words, for sentences.

const words = "no one two three four five six seven eight nine ten eleven twelve".split(" ");

/** "six"; digits beyond twelve. */
export function numberWord(count: number): string {
  return words[count] ?? String(count);
}

/** "Six" */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
