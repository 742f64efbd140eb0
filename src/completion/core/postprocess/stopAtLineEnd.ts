import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/** Several lines only where nothing but `;` or `,` of the line's rest would be left after them; else the first line. */
export const stopAtLineEnd: Filter = (text, context) => {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return text;
  const left = context.cursor.lineRest.slice(fit(text, context).covered).trim();
  return /^[;,]?$/.test(left) ? text : text.slice(0, lineEnd);
};
