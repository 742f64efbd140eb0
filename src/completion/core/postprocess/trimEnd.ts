import type { Filter } from "./insertionContext";

/** Removes whitespace and empty lines at the end. */
export const trimEnd: Filter = (text) => text.trimEnd();
