import { indentOf } from "../cursor";
import { closing, scanBrackets, type Unclosed } from "../nesting";
import { fit } from "./fit";
import type { Filter, InsertionContext } from "./insertionContext";
import { withoutDanglingEnd } from "./danglingEnd";

/**
 * Leaves out what a text opens and does not close. Typed by hand, a bracket or quote is closed by the editor; in an accepted text it is
 * not. What remains ends where a statement can end: after a whole line, after what closes an earlier block, or, in the first line
 * that is not blank, before the bracket and the operator in front of it.
 */
export const stopAtUnclosed: Filter = (text, context) => {
  let kept = text;
  for (;;) {
    const { unclosed } = fit(kept, context);
    const [first] = unclosed;
    if (!first || isClosedBelow(unclosed, context)) return kept;
    kept = endBefore(first.index, kept);
  }
};

function endBefore(index: number, text: string): string {
  const lineStart = text.lastIndexOf("\n", index - 1) + 1;
  if (text.slice(0, lineStart).trim() !== "") {
    const closers = /^\s*[)\]}]+[;,]?/.exec(text.slice(lineStart, index))?.[0];
    return closers === undefined ? text.slice(0, lineStart - 1) : text.slice(0, lineStart + closers.length);
  }
  const kept = withoutDanglingEnd(withoutPrefix(text.slice(0, index), text.charAt(index)));
  return /[\p{L}\p{N}]/u.test(kept) ? kept : "";
}

/** The text without what belongs to the quote or bracket after it, such as the `f` of `f"` and the `$` of `$(`. */
function withoutPrefix(text: string, opener: string): string {
  return /["'`]/.test(opener) ? text.replace(/(^|[^\p{L}\p{N}_])[bBfFrRuU]{1,2}$/u, "$1") : text;
}

/** Whether the document closes further down, in the indentation of the cursor's line, what a text leaves open. */
function isClosedBelow(unclosed: readonly Unclosed[], { cursor, nesting }: InsertionContext): boolean {
  const { closers } = scanBrackets(cursor.below, cursor.languageId);
  const [first] = closers;
  const indent = indentOf(cursor.linePrefix).length;
  if (first?.indent !== indent) return false;
  const isOfAnother = nesting.openers.some((opener) => opener.indent === indent && closing(opener) === first.character);
  return (
    !isOfAnother && unclosed.every(({ closer }, index) => closer === closers.at(unclosed.length - 1 - index)?.character)
  );
}
