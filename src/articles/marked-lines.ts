// The lines of a code block that its fence marks, as in ```java mark="3,7-9".

/** Returns the marked lines, counted from 1, and what is wrong with `mark`; a wrong part of it marks no line. */
export function parseMark(mark: string | undefined, lineCount: number): { lines: Set<number>; problems: string[] } {
  const lines = new Set<number>();
  const problems: string[] = [];
  for (const part of mark?.split(",") ?? []) {
    const [, from, to = from] = /^ *(\d+)(?:-(\d+))? *$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined) problems.push(`mark="${mark}" must have lines and ranges of lines, like mark="3,7-9"`);
    else if (first < 1) problems.push(`mark="${mark}": the first line of a code block is 1`);
    else if (last < first) problems.push(`mark="${mark}": the range ${first}-${last} is reversed, write ${last}-${first}`);
    else if (last > lineCount) problems.push(`mark="${mark}": there is no line ${last}, the code block ends with line ${lineCount}`);
    else for (let line = first; line <= last; line += 1) lines.add(line);
  }
  return { lines, problems };
}

/** Puts each run of marked lines into a <mark>. Every element in `html` must end on the line on which it starts. */
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
