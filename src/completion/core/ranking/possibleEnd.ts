import type { Cursor } from "../cursor";
import { scanBrackets } from "../nesting";
import { withoutDanglingEnd } from "../postprocess/danglingEnd";
import { nestingBefore } from "../postprocess/insertionContext";

/** Tells whether a text at a cursor ends where a person could stop: after code that asks for no more, with nothing left open. */
export function possibleEnds(cursor: Cursor): (text: string) => boolean {
  const nesting = nestingBefore(cursor);
  return (text) => {
    const whole = cursor.linePrefix + text;
    return withoutDanglingEnd(whole) === whole && scanBrackets(text, cursor.languageId, nesting).unclosed.length === 0;
  };
}
