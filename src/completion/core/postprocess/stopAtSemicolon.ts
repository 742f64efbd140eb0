import { endsStatements, takesSemicolon } from "../languages";
import { type Opener, scanBrackets } from "../nesting";
import type { Filter, InsertionContext } from "./insertionContext";

/** Characters before a semicolon in which the bracket around it is looked for. */
const lookedAt = 2000;

/**
 * Stops before a `;` inside of parentheses or brackets that the rest of the line closes: the model, which does not see that rest, ended the
 * statement, as in `f(g(a);|)`.
 */
export const stopAtSemicolon: Filter = (text, context) => {
  const { languageId } = context.cursor;
  if (context.closedInLine.size === 0 || !endsStatements(languageId)) return text;
  let { nesting } = context;
  let start = 0;
  for (let index = text.indexOf(";"); index >= 0; index = text.indexOf(";", start)) {
    // Where a scan ends, the next one goes on: a text has any number of semicolons.
    nesting = scanBrackets(text.slice(start, index), languageId, nesting).end;
    start = index + 1;
    if (nesting.quote === "" && isOutOfPlace(nesting.openers.at(-1), text.slice(0, index), context)) {
      return text.slice(0, index);
    }
  }
  return text;
};

/** @param opener the bracket around a semicolon @param text what is before it */
function isOutOfPlace(opener: Opener | undefined, text: string, { closedInLine, cursor }: InsertionContext): boolean {
  if (!opener || opener.bracket === "{" || !closedInLine.has(opener)) return false;
  const before = (cursor.before + text).slice(-lookedAt);
  const at = openerBefore(before);
  return at >= 0 && !takesSemicolon(before.slice(0, at + 1), cursor.languageId) && !isEntity(text, cursor.languageId);
}

/** The index of the innermost bracket that is open at a text's end, or -1. Brackets in strings are rarely alone. */
function openerBefore(text: string): number {
  let depth = 0;
  for (let index = text.length - 1; index >= 0; index--) {
    if (")]}".includes(text.charAt(index))) depth++;
    else if ("([{".includes(text.charAt(index)) && --depth < 0) return index;
  }
  return -1;
}

/** Whether a `;` after a text ends a character of JSX, as in `&nbsp;`. */
function isEntity(text: string, languageId: string): boolean {
  return languageId.endsWith("react") && /&#?\w{1,32}$/.test(text);
}
