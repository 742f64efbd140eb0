import type { Filter } from "./place";

/** So many copies in a row are a loop of the model, not code. */
const copies = 3;
/** Lines that a loop may have. */
const longestLoop = 4;

/** Stops where lines begin to repeat, counting those above the cursor, and before a line whose end repeats a few characters over and over. */
export const stopAtRepetition: Filter = (text, { cursor }) => {
  const above = cursor.before.split("\n").slice(-copies * longestLoop - 1, -1);
  const lines = [...above, ...(cursor.linePrefix + text).split("\n")];
  const end = Math.min(...[loopStart(lines, above.length), stammer(text.split("\n"), above.length)]);
  if (end >= lines.length) return text;
  return lines.slice(above.length, end).join("\n").slice(cursor.linePrefix.length);
};

/** The first line, from `from` on, that belongs to a second copy of what is repeated. */
function loopStart(lines: readonly string[], from: number): number {
  for (let end = from + 1; end <= lines.length; end++) {
    for (let period = 1; period <= longestLoop; period++) {
      const start = end - copies * period;
      if (start >= 0 && repeats(lines.slice(start, end), period)) return Math.max(from, start + period);
    }
  }
  return lines.length;
}

function repeats(lines: readonly string[], period: number): boolean {
  const same = lines.every((line, index) => index < period || line.trimEnd() === lines[index - period]?.trimEnd());
  return same && lines.some((line) => line.trim() !== "");
}

/** The first line that ends in four or more copies of two to twenty characters, rulers such as `// -----` excepted. */
function stammer(textLines: readonly string[], from: number): number {
  const index = textLines.findIndex((line) => {
    const unit = /(.{2,20}?)\1{3,}$/.exec(line)?.[1];
    return unit !== undefined && /\w/.test(unit);
  });
  return index < 0 ? Infinity : from + index;
}
