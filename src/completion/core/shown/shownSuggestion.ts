import type { Cursor } from "../cursor";
import { originOf, typedSince, type Origin } from "../origin";

/** A suggestion in the editor, and where it continues the text. */
export interface ShownSuggestion {
  readonly origin: Origin;
  readonly text: string;
}

/** How a suggestion got into the document: all that was left of it, or its next line or word. */
export type AcceptanceKind = "whole" | "line" | "word";

/** The suggestion of a text at a cursor. */
export function shownAt(cursor: Cursor, text: string): ShownSuggestion {
  return { origin: originOf(cursor), text };
}

/** What is left of a suggestion at a cursor: empty once all of it was typed; undefined when something else was typed, or the cursor moved away. */
export function restAt({ origin, text }: ShownSuggestion, cursor: Cursor): string | undefined {
  const typed = typedSince(origin, originOf(cursor), text.length);
  return typed !== undefined && text.startsWith(typed) ? text.slice(typed.length) : undefined;
}

/** Whether a suggestion is what is left of another one, or a longer or shorter form of that: to the person, it is the same. */
export function isSame(rest: string, text: string): boolean {
  return rest !== "" && (rest.startsWith(text) || text.startsWith(rest));
}

/**
 * What inserting a text at the cursor did with a suggestion. The editor does not say that a part was accepted; but nobody types several
 * characters at once, except for a pair of brackets or a line break with its indentation.
 * @returns undefined when the text is not the suggestion's, or was typed
 */
export function acceptanceOf(inserted: string, suggestion: string): AcceptanceKind | undefined {
  if (inserted === suggestion) return "whole";
  if (inserted.length < 2 || !suggestion.startsWith(inserted)) return undefined;
  if (/^(?:\(\)|\[\]|\{\}|<>|(["'`])\1)$/.test(inserted) || inserted.trim() === "") return undefined;
  const endsLine = inserted.endsWith("\n") || suggestion.charAt(inserted.length) === "\n";
  return endsLine ? "line" : "word";
}
