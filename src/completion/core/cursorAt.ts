import { cursorBetween, type Cursor, type DocumentFacts } from "./cursor";
import { textWindow } from "./textWindow";

/** The place at an offset of a whole text with `\n` line ends: what an editor's document gives (see `documentContext`), without an editor. */
export function cursorAt(text: string, offset: number, facts: DocumentFacts): Cursor {
  const { start, earliestStart, end } = textWindow(offset);
  const lineStart = text.slice(0, start).lastIndexOf("\n") + 1;
  const before = text.slice(lineStart >= earliestStart ? lineStart : start, offset);
  return cursorBetween(before, text.slice(offset, end), facts);
}
