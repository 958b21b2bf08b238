// Words as a part of an address.

/** A title or a name as it stands in an address: "Spring Boot" is spring-boot. */
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
