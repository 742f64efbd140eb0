import type { Prompt } from "../../generation/request";
import { isClosing, type Cursor } from "./cursor";
import { pathComment } from "./languages";

/**
 * What the model is asked to continue. Behind a line rest of closing characters the suffix begins at the line's end: the
 * brackets that the editor closes by itself then change nothing in the suffix, which stands first in what the model reads, and the
 * cached computation behind it stays good.
 * @param fillInTheMiddle whether the model can read a suffix.
 */
export function buildPrompt(cursor: Cursor, fillInTheMiddle: boolean): Prompt {
  const suffix = isClosing(cursor.lineRest) ? cursor.below : cursor.after;
  return {
    header: pathComment(cursor.path, cursor.languageId),
    prefix: cursor.before,
    suffix: fillInTheMiddle && suffix.trim() !== "" ? suffix : "",
  };
}
