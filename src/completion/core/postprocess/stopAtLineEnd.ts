import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/**
 * Several lines only where nothing but `;` or `,` of the line's rest would be left after them; else the first line. What follows the
 * cursor in a comment stays in that comment.
 */
export const stopAtLineEnd: Filter = (text, context) => {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return text;
  const { lineRest } = context.cursor;
  const isInComment = context.nesting.quote === "\n";
  const left = isInComment ? lineRest : lineRest.slice(fit(text, context).covered);
  return (isInComment ? /^$/ : /^[;,]?$/).test(left.trim()) ? text : text.slice(0, lineEnd);
};
