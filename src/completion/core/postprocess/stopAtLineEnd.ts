import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/**
 * Several lines only where what would be left of the line's rest can stand after them: `;` or `,`, or, after a closing bracket that the
 * text shares with it, other closing brackets; else the first line. What follows the cursor in a comment stays in that comment.
 */
export const stopAtLineEnd: Filter = (text, context) => {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return text;
  const { lineRest } = context.cursor;
  if (context.nesting.quote === "\n") return lineRest.trim() === "" ? text : text.slice(0, lineEnd);
  const { covered } = fit(text, context);
  const shared = lineRest.slice(0, covered).trimEnd().slice(-1);
  const endsShared = shared !== "" && text.trimEnd().endsWith(shared);
  const left = lineRest.slice(covered).trim();
  return (endsShared ? /^[)\]}]*[;,]?$/ : /^[;,]?$/).test(left) ? text : text.slice(0, lineEnd);
};
