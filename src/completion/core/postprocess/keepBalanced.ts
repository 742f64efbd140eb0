import { fit } from "./fit";
import type { Filter } from "./insertionContext";

/** Stops before a bracket or quote that would close something twice, or something that was never opened. */
export const keepBalanced: Filter = (text, context) => fit(text, context).text;
