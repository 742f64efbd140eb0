import { scanBrackets } from "../../../src/completion/core/nesting";
import { isSubsequence } from "./judge";
import type { View } from "./view";

/** What a person does next who writes a file from its beginning to its end. */
export type Step =
  | { readonly kind: "type"; readonly text: string }
  /** A key, with what is wrong if it corrects something that is not there by the person's own doing. */
  | { readonly kind: "press"; readonly key: string; readonly fault?: string }
  /** Down to the next line, which the editor has begun already, and to this column (from 0) in it. */
  | { readonly kind: "down"; readonly column: number }
  | { readonly kind: "done" };

export const indentWidth = (line: string): number => line.length - line.trimStart().length;

const press = (key: string, fault?: string): Step => ({ kind: "press", key, ...(fault && { fault }) });

/**
 * @param goal the file's lines as they are drawn
 * @param tabs whether lines are indented by the Tab key
 */
export function nextStep(view: View, goal: readonly string[], tabs: boolean): Step {
  const line = goal[view.line - 1];
  if (line === undefined) return press("Backspace", "a line after the end");
  const { before, after } = view;
  if (before === line || (before.trim() === "" && line === "")) return endLine(view, goal);
  if (!line.startsWith(before)) {
    return isBegun(before) ? press("Backspace") : press("Backspace", `“${before}” in place of “${line}”`);
  }
  const left = line.slice(before.length);
  if (before.trim() === "" && left.startsWith(" ")) return tabs ? press("Tab") : { kind: "type", text: " " };
  if (after === "") return { kind: "type", text: left.charAt(0) };
  const later = [left, ...goal.slice(view.line)].join("\n");
  if (!isSubsequence(after, left) && !belongsLater(view, later)) return press("Delete");
  // Brackets and quotes are typed over; a longer text is passed.
  if (left.startsWith(after) && !/^[)\]}"'`]/.test(after)) return press(left === after ? "End" : "ArrowRight");
  return { kind: "type", text: left.charAt(0) };
}

/** Whether a line holds only what the editor begins lines with: indentation, or the asterisk of a comment. */
const isBegun = (before: string): boolean => /^\s*\*?\s*$/.test(before);

/** Whether what stands after the cursor closes what its line opens, further down in the text. */
function belongsLater({ before, after }: View, later: string): boolean {
  const { unclosed } = scanBrackets(before, "typescript");
  const open = unclosed.map(({ closer }) => closer).reverse();
  const closes = after.startsWith("</") || open.join("").startsWith(after.trimEnd());
  return closes && isSubsequence(after.replaceAll(/\s/g, ""), later);
}

/** All of a line is there. */
function endLine(view: View, goal: readonly string[]): Step {
  const { line, before, after, below } = view;
  const next = goal[line];
  if (after !== "") return press(belongsLater(view, goal.slice(line).join("\n")) ? "Enter" : "Delete");
  if (next === undefined) {
    if (below.length > 0) return press("Delete");
    // The editor removes its indentation of an empty line only when the cursor leaves it.
    return before === goal[line - 1] ? { kind: "done" } : press("Backspace");
  }
  const [begun = ""] = below;
  if (/^\s*[)\]}`<]/.test(begun) && indentWidth(begun) === indentWidth(next)) {
    let column = 0;
    while (column < begun.length && begun[column] === next[column]) column++;
    if (column > indentWidth(begun)) return { kind: "down", column };
  }
  return press("Enter");
}
