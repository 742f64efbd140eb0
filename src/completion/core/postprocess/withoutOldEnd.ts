import type { Suggestion } from "./index";

/**
 * A suggestion without the end that it replaces by itself. The editor types over a bracket that it has closed as long as nothing replaces
 * that, not even with the same one. Several lines have to reach the line's end.
 */
export function withoutOldEnd(suggestion: Suggestion, lineRest: string): Suggestion {
  let { text, replaces } = suggestion;
  if (text.includes("\n")) return suggestion;
  while (replaces > 0 && text.endsWith(lineRest.charAt(replaces - 1))) {
    text = text.slice(0, -1);
    replaces--;
  }
  return { ...suggestion, text, replaces };
}
