import { isClosing } from "../cursor";
import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/** Removes the text's end where the rest of the line begins with it, and all from where the text has the whole rest of the line. */
export const trimOverlap: Filter = (text, context) => {
  const { lineRest } = context.cursor;
  const rest = lineRest.slice(fit(text, context).covered).trim();
  const whole = rest.length > 1 && !isClosing(lineRest) ? text.indexOf(rest) : -1;
  if (whole >= 0) return text.slice(0, whole);
  for (let length = Math.min(rest.length, text.length); length > 0; length--) {
    const overlap = rest.slice(0, length);
    if (text.endsWith(overlap) && isTwice(overlap, lineRest)) return text.slice(0, text.length - length);
  }
  return text;
};

/** Whether an overlap is the same code twice: brackets and quotes alone may belong to different pairs, and `fit` has paired them. */
function isTwice(overlap: string, lineRest: string): boolean {
  return isClosing(lineRest) ? /^[:{;,]$/.test(overlap) : overlap.length > 1 || /[^()[\]{}<>"'`]/.test(overlap);
}
