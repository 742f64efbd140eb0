import { indentOf } from "../cursor";
import { closing, scanBrackets, type Unclosed } from "../nesting";
import { fit } from "./fit";
import type { InsertionContext } from "./insertionContext";

/**
 * What the editor has to put after the cursor once a text is accepted, so that the cursor stands as if the text had been typed: the closing
 * brackets of what the text opens at its end. Empty where the document closes them further down.
 */
export function closersAtCaret(text: string, context: InsertionContext): string {
  const { unclosed } = fit(text, context);
  if (!canCloseAtCaret(text, unclosed, context) || isClosedBelow(text, unclosed, context)) return "";
  return unclosed
    .map(({ closer }) => closer)
    .reverse()
    .join("");
}

/**
 * Whether a text is one line that ends in opening brackets, or between the items of one, with code before them. Code that was typed along
 * the suggestion counts: the answer stays the same until its end.
 */
export function canCloseAtCaret(text: string, unclosed: readonly Unclosed[], { typed }: InsertionContext): boolean {
  if (unclosed.length === 0 || text.trimEnd().includes("\n") || !/[([{,]\s*$/.test(text)) return false;
  return unclosed.every(({ closer }) => /^[)\]}]$/.test(closer)) && /[\p{L}\p{N}]/u.test(typed + text);
}

/** Whether the document closes further down what a text leaves open, or goes on inside of it. */
export function isClosedBelow(text: string, unclosed: readonly Unclosed[], context: InsertionContext): boolean {
  return goesOnInside(text, context) || closesInTurn(unclosed, context);
}

/** Whether a text is the end of its line, and the next one is indented further: it is what the text begins. */
function goesOnInside(text: string, { cursor, nesting }: InsertionContext): boolean {
  const { linePrefix, lineRest, below } = cursor;
  const lines = text.trimStart();
  if (lineRest.trim() !== "" || lines.includes("\n") || !/[([{,]\s*$/.test(lines)) return false;
  const next = /\n([ \t]*)\S/.exec(below)?.[1];
  const blank = text.slice(0, text.length - lines.length);
  const indent = blank.includes("\n") ? blank.slice(blank.lastIndexOf("\n") + 1) : indentOf(linePrefix);
  // A comment or string may be indented in any way.
  return next !== undefined && nesting.quote === "" && next.length > indent.length;
}

/** Whether what is closed first further down, in the indentation of the cursor's line, is what a text leaves open. */
function closesInTurn(unclosed: readonly Unclosed[], { cursor, nesting }: InsertionContext): boolean {
  const { closers } = scanBrackets(cursor.below, cursor.languageId);
  const [first] = closers;
  const indent = indentOf(cursor.linePrefix).length;
  if (first?.indent !== indent) return false;
  const isOfAnother = nesting.openers.some((opener) => opener.indent === indent && closing(opener) === first.character);
  return (
    !isOfAnother && unclosed.every(({ closer }, index) => closer === closers.at(unclosed.length - 1 - index)?.character)
  );
}
