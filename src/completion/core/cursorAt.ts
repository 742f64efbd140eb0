import { cursorBetween, type Cursor, type DocumentFacts } from "./cursor";
import { textWindow } from "./textWindow";

/** The cursor at an offset (UTF-16 units) of a whole text with `\n` line ends: what `documentContext` reads from an editor, without an editor. */
export function cursorAt(text: string, offset: number, facts: DocumentFacts): Cursor {
  const { start, earliestStart, end } = textWindow(offset);
  const lineStart = text.slice(0, start).lastIndexOf("\n") + 1;
  const before = text.slice(lineStart >= earliestStart ? lineStart : start, offset);
  return cursorBetween(before, text.slice(offset, end), facts);
}
