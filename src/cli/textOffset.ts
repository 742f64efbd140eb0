import { InputError } from "../generation/errors";

/**
 * The offset of a line and a column in a text with `\n` line ends.
 * @param line counted from 1
 * @param column UTF-16 units counted from 1; one past the line's last is its end
 * @returns the offset in UTF-16 units
 * @throws InputError with the valid range when the text has no such position
 */
export function offsetAt(text: string, line: number, column: number, name: string): number {
  const lines = text.split("\n");
  const content = lines[line - 1];
  if (content === undefined) {
    throw new InputError(`${name} has no line ${line}. Its lines are 1 to ${lines.length}.`);
  }
  if (column < 1 || column > content.length + 1) {
    throw new InputError(
      `Line ${line} of ${name} has no column ${column}. Its columns are 1 to ${content.length + 1}.`,
    );
  }
  return lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}
