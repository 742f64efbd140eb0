import { accept } from "../../../../../src/completion/core/idleWork";
import { cursorBetween, type Cursor } from "../../../../../src/completion/core/cursor";
import type { Suggestion } from "../../../../../src/completion/core/postprocess/index";

/** How much of a suggestion a person accepts at once. */
export type Unit = "whole" | "word" | "line";

/** The cursor after a part of a suggestion was accepted. */
export interface Accepted {
  readonly cursor: Cursor;
  /** Characters of the suggestion's text that are before the cursor now. */
  readonly length: number;
}

/**
 * Accepts a suggestion or its next word or line, as VS Code does: what the suggestion replaces is kept where the text contains it, and the
 * cursor jumps over it.
 */
export function acceptPart(cursor: Cursor, suggestion: Suggestion, unit: Unit): Accepted {
  const { text, replaces } = suggestion;
  const kept = keptIndices(text, cursor.lineRest.slice(0, replaces));
  const skipped = kept.findIndex((index, count) => index !== count);
  const start = skipped < 0 ? kept.length : skipped;
  const ghost = text.slice(start, kept[start] ?? text.length);
  const part = unit === "word" ? wordLength(ghost) : lineLength(ghost);
  const length = unit === "whole" || ghost === "" ? text.length : start + part;
  if (length === text.length && suggestion.closers !== "") return { cursor: accept(cursor, suggestion), length };
  const covered = kept.filter((index) => index < length).length;
  return {
    cursor: cursorBetween(cursor.before + text.slice(0, length), cursor.after.slice(covered), cursor),
    length,
  };
}

/** Where a text contains what it replaces, from the end on. */
function keptIndices(text: string, replaced: string): readonly number[] {
  const indices: number[] = [];
  let end = text.length;
  for (let index = replaced.length - 1; index >= 0; index--) {
    end = text.lastIndexOf(replaced.charAt(index), end - 1);
    indices.unshift(end);
  }
  return indices;
}

/** Up to the end of the first word, or what stands before it, with the blanks before that. */
function wordLength(ghost: string): number {
  const word = /[\p{L}\p{M}\p{N}_]+/u.exec(ghost);
  const blank = /\s+/.exec(ghost);
  const end = word ? (word.index === 0 ? word[0].length : word.index) : ghost.length;
  return blank ? Math.min(end, blank.index + blank[0].length) : end;
}

function lineLength(ghost: string): number {
  const end = ghost.indexOf("\n");
  return end < 0 ? ghost.length : end + 1;
}
