import type { Filter } from "./place";

/** Takes away whitespace and empty lines at the end; a text of nothing else goes altogether. */
export const trimEnd: Filter = (text) => text.trimEnd();
