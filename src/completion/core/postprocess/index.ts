import type { Cursor } from "../cursor";
import { fit } from "./fit";
import { insertionContext, type Filter } from "./insertionContext";
import { keepBalanced } from "./keepBalanced";
import { stopAtLineEnd } from "./stopAtLineEnd";
import { stopAtNextLine } from "./stopAtNextLine";
import { stopAtRepetition } from "./stopAtRepetition";
import { stopAtSemicolon } from "./stopAtSemicolon";
import { stopInProse } from "./stopInProse";
import { stopAtUnclosed } from "./stopAtUnclosed";
import { trimEnd } from "./trimEnd";
import { trimOverlap } from "./trimOverlap";
import { closersAtCaret } from "./unclosed";

const filters: readonly Filter[] = [
  stopAtNextLine,
  stopAtRepetition,
  stopInProse,
  keepBalanced,
  stopAtSemicolon,
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
  /** Closing brackets that go after the cursor once the text is accepted, as the editor puts them after a bracket that is typed. */
  readonly closers: string;
}

/**
 * Makes a suggestion of a model's text (see `modelText`), or none when nothing worth showing is left.
 * @param typed what was typed along the suggestion that the text is the rest of
 */
export function postprocess(text: string, cursor: Cursor, typed = ""): Suggestion | undefined {
  if (text.trim() === "") return undefined;
  const context = insertionContext(cursor, typed);
  const filtered = filters.reduce((left, filter) => (left === "" ? left : filter(left, context)), text);
  const { text: kept, covered } = fit(filtered, context);
  if (kept.trim() === "" || kept === cursor.lineRest.slice(0, covered)) return undefined;
  const closers = closersAtCaret(kept, context);
  if (!kept.includes("\n")) return { text: kept, replaces: covered, closers };
  // The editor wants several lines to reach the line's end.
  return { text: kept + cursor.lineRest.slice(covered), replaces: cursor.lineRest.length, closers };
}
