import { fit } from "./fit";
import type { Filter } from "./place";

/** Several lines only where nothing but `;` or `,` of the line's rest would be left behind them; else the first line. */
export const stopAtLineEnd: Filter = (text, place) => {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return text;
  const left = place.cursor.lineRest.slice(fit(text, place).covered).trim();
  return /^[;,]?$/.test(left) ? text : text.slice(0, lineEnd);
};
