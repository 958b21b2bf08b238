// Marked lines of code blocks, as in ```java mark="3,7-9".

/** Returns the marked lines, counted from 1, and what is wrong with `mark`, if anything. An invalid part marks no line. */
export function parseMark(
  mark: string | undefined,
  lineCount: number,
): { lines: Set<number>; problem: string | undefined } {
  const lines = new Set<number>();
  let problem: string | undefined;
  for (const part of mark?.split(",") ?? []) {
    const [, from, to = from] = /^ *(\d+)(?:-(\d+))? *$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (first >= 1 && first <= last && last <= lineCount)
      for (let line = first; line <= last; line += 1) lines.add(line);
    else
      problem = `mark="${mark}" must have lines from 1 to ${lineCount} or ranges of them, like mark="3,7-9"`;
  }
  return { lines, problem };
}

/** Wraps each run of marked lines in a <mark>. Every element in `html` must end on the line where it starts. */
export function markLines(html: string, marked: Set<number>): string {
  const lines = html.split(/(?<=\n)/);
  return lines
    .map((line, index) => {
      const number = index + 1;
      if (!marked.has(number)) return line;
      return `${marked.has(number - 1) ? "" : "<mark>"}${line}${marked.has(number + 1) ? "" : "</mark>"}`;
    })
    .join("");
}
