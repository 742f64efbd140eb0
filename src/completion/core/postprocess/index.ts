import type { Cursor } from "../cursor";
import { fit } from "./fit";
import { insertionContext, type Filter } from "./insertionContext";
import { keepBalanced } from "./keepBalanced";
import { stopAtLineEnd } from "./stopAtLineEnd";
import { stopAtNextLine } from "./stopAtNextLine";
import { stopAtRepetition } from "./stopAtRepetition";
import { stopAtUnclosed } from "./stopAtUnclosed";
import { trimEnd } from "./trimEnd";
import { trimOverlap } from "./trimOverlap";

const filters: readonly Filter[] = [
  stopAtNextLine,
  stopAtRepetition,
  keepBalanced,
  stopAtLineEnd,
  trimOverlap,
  stopAtUnclosed,
  trimEnd,
];

/** What to put at a cursor. */
export interface Suggestion {
  /** With `\n` line ends. */
  readonly text: string;
  /** How many characters after the cursor it replaces; all of them are in the text again, in their order. */
  readonly replaces: number;
}

/** Makes a suggestion of a model's text (see `modelText`), or none when nothing worth showing is left. */
export function postprocess(text: string, cursor: Cursor): Suggestion | undefined {
  if (text.trim() === "") return undefined;
  const context = insertionContext(cursor);
  const filtered = filters.reduce((left, filter) => (left === "" ? left : filter(left, context)), text);
  const { text: kept, covered } = fit(filtered, context);
  if (kept.trim() === "" || kept === cursor.lineRest.slice(0, covered)) return undefined;
  if (!kept.includes("\n")) return { text: kept, replaces: covered };
  // The editor wants several lines to reach the line's end.
  return { text: kept + cursor.lineRest.slice(covered), replaces: cursor.lineRest.length };
}
