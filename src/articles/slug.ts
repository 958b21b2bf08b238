// Makes a part of a URL from words.

/** Returns a title or a name as it is used in a URL: "spring-boot" for "Spring Boot". Empty if it has no letter from a to z and no digit. */
export function slugOf(words: string): string {
  const latin = words
    .toLowerCase()
    .replaceAll("++", "pp")
    .replace(/(?<=\w)#/g, "-sharp")
    .replace(/[øæåßđł]/g, (letter) => latinLetters[letter] ?? letter);
  return latin
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[’']/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
const latinLetters: Record<string, string> = { ø: "oe", æ: "ae", å: "aa", ß: "ss", đ: "d", ł: "l" };
