import { fit } from "./fit";
import type { Filter } from "./place";

/** Stops before a bracket or quote that would close something twice, or something that was never opened. */
export const keepBalanced: Filter = (text, place) => fit(text, place).text;
