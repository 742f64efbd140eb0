import type { StopRule } from "../../generation/request";
import { indentOf, isClosing, type Cursor } from "./cursor";
import { isProse, opensBlock } from "./languages";

/** How far to write: the rest of the line, or the block that begins on this line or that the cursor's empty line is in. Prose has no blocks. */
export function stopRule(cursor: Cursor, multiline: "auto" | "never"): StopRule {
  if (multiline === "never" || isProse(cursor.languageId) || !isClosing(cursor.lineRest)) return "line";
  if (cursor.linePrefix.trim() !== "") return opensBlock(cursor.linePrefix, cursor.languageId) ? "block" : "line";
  if (cursor.lineRest.trim() !== "") return "line";
  return isInsideBlock(cursor) ? "block" : "line";
}

function isInsideBlock({ before, linePrefix, languageId }: Cursor): boolean {
  if (indentOf(linePrefix) !== "") return true;
  const above = before.trimEnd();
  return opensBlock(above.slice(above.lastIndexOf("\n") + 1), languageId);
}
