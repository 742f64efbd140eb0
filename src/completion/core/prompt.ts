import type { Prompt } from "../../generation/request";
import { allAfter, allBefore, allBelow, isClosing, type Cursor } from "./cursor";
import { promptHeader } from "./languages";

/**
 * What a model is asked to continue. If the rest of the line only closes brackets and quotes, the suffix begins at the line's end: brackets
 * that the editor inserts by itself then leave the suffix unchanged. It is first in the prompt, so the cached computation of all that
 * follows it stays valid. A suffix of white space is none.
 */
export function buildPrompt(cursor: Cursor): Prompt {
  const suffix = isClosing(cursor.lineRest) ? allBelow(cursor) : allAfter(cursor);
  const { path, languageId } = cursor;
  return {
    header: promptHeader(path, languageId),
    prefix: allBefore(cursor),
    suffix: suffix.trim() === "" ? "" : suffix,
  };
}
