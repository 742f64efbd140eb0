import { fit } from "./fit";
import type { Filter, InsertionContext } from "./insertionContext";
import { withoutDanglingEnd } from "./danglingEnd";
import { canCloseAtCaret, isClosedBelow } from "./unclosed";

/** Characters that tell whether a string's prefix stands before its quote. */
const lookedAt = 8;

/**
 * Leaves out what a text opens and neither the document nor the editor closes (see `closersAtCaret`). What remains ends where a statement
 * can end: after a whole line, after what closes an earlier block, or, in the first line that is not blank, before the bracket and the
 * operator in front of it.
 */
export const stopAtUnclosed: Filter = (text, context) => {
  let kept = text;
  for (;;) {
    const { unclosed } = fit(kept, context);
    const [first] = unclosed;
    if (!first || isClosedBelow(kept, unclosed, context) || canCloseAtCaret(kept, unclosed, context)) return kept;
    kept = endBefore(first.index, kept, context);
  }
};

function endBefore(index: number, text: string, { cursor, typed }: InsertionContext): string {
  const lineStart = text.lastIndexOf("\n", index - 1) + 1;
  if (text.slice(0, lineStart).trim() !== "") {
    const closers = /^\s*[)\]}]+[;,]?/.exec(text.slice(lineStart, index))?.[0];
    return closers === undefined ? text.slice(0, lineStart - 1) : text.slice(0, lineStart + closers.length);
  }
  const { linePrefix } = cursor;
  // With what stands before the cursor: the `or` of `error` is no word that asks for more.
  const line = withoutDanglingEnd(withoutPrefix(linePrefix + text.slice(0, index), text.charAt(index)));
  const kept = line.slice(linePrefix.length);
  return /[\p{L}\p{N}]/u.test(typed + kept) ? kept : "";
}

/** The text without what belongs to the quote or bracket after it, such as the `f` of `f"` and the `$` of `$(`. */
function withoutPrefix(text: string, opener: string): string {
  if (!/["'`]/.test(opener)) return text;
  // The line before the cursor may be very long: only its end matters.
  const end = text.slice(-lookedAt);
  return text.slice(0, text.length - end.length) + end.replace(/(^|[^\p{L}\p{N}_])[bBfFrRuU]{1,2}$/u, "$1");
}
