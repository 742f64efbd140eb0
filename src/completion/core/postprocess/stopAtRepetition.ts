import type { Filter } from "./place";

/** So many copies in a row are a loop of the model, not code. */
const copies = 3;
/** Lines that a loop may have. */
const longestLoop = 4;
/** Characters that a stammer within a line may repeat, and how often it does. */
const longestStammer = 20;
const stammerCopies = 4;

/** Stops where lines begin to repeat, counting those above the cursor, and before a line whose end repeats a few characters over and over. */
export const stopAtRepetition: Filter = (text, { cursor }) => {
  const above = cursor.before.split("\n").slice(-copies * longestLoop - 1, -1);
  const lines = [...above, ...(cursor.linePrefix + text).split("\n")];
  const end = Math.min(loopStart(lines, above.length), stammer(text.split("\n"), above.length));
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

/** The first line that stammers: its end is four or more copies of a few characters, rulers such as `// -----` excepted. */
function stammer(textLines: readonly string[], from: number): number {
  const index = textLines.findIndex((line) => {
    for (let length = 2; length <= longestStammer; length++) {
      const unit = line.slice(-length);
      if (/\w/.test(unit) && line.endsWith(unit.repeat(stammerCopies))) return true;
    }
    return false;
  });
  return index < 0 ? Infinity : from + index;
}
