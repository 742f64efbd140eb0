import type { Cursor } from "../cursor";
import { fit } from "./fit";
import { keepBalanced } from "./keepBalanced";
import { placeAt, type Filter } from "./place";
import { stopAtLineEnd } from "./stopAtLineEnd";
import { stopAtNextLine } from "./stopAtNextLine";
import { stopAtRepetition } from "./stopAtRepetition";
import { trimEnd } from "./trimEnd";
import { trimOverlap } from "./trimOverlap";

const filters: readonly Filter[] = [
  stopAtNextLine,
  stopAtRepetition,
  keepBalanced,
  stopAtLineEnd,
  trimOverlap,
  trimEnd,
];

/** What to put at a cursor. */
export interface Suggestion {
  /** With `\n` line ends. */
  readonly text: string;
  /** How many characters behind the cursor it replaces; all of them are in the text again, in their order. */
  readonly replaces: number;
}

/** Makes a suggestion of a model's text (see `normalise`), or none when nothing worth showing is left. */
export function postprocess(text: string, cursor: Cursor): Suggestion | undefined {
  if (text.trim() === "") return undefined;
  const place = placeAt(cursor);
  const filtered = filters.reduce((left, filter) => (left === "" ? left : filter(left, place)), text);
  const { text: kept, covered } = fit(filtered, place);
  if (kept === "" || kept === cursor.lineRest.slice(0, covered)) return undefined;
  if (!kept.includes("\n")) return { text: kept, replaces: covered };
  // The editor wants several lines to reach the line's end.
  return { text: kept + cursor.lineRest.slice(covered), replaces: cursor.lineRest.length };
}
