import { isClosing } from "../cursor";
import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/** Removes whitespace and empty lines at the end, except for the space before what follows in a line that goes on. */
export const trimEnd: Filter = (text, context) => {
  const { lineRest } = context.cursor;
  const kept = text.trimEnd();
  if (kept === "" || kept === text || isClosing(lineRest)) return kept;
  return /^\S/.test(lineRest.slice(fit(kept, context).covered)) ? `${kept} ` : kept;
};
