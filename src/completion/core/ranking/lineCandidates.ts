import type { Cursor } from "../cursor";
import type { WorkspaceMatch } from "../workspace/types";
import type { MatchedLine } from "./lineFacts";
import { renamedLines } from "./renaming";
import { selectLines } from "./selection";
import { surroundingsOf } from "./surroundings";

/** A line that may follow the cursor, and where it comes from. */
export interface LineCandidate extends MatchedLine {
  /** Whether the model wrote it. */
  readonly fromModel: boolean;
}

/** More lines from the workspace are not scored: what is right is nearly always among the first. */
export const maxFromWorkspace = 8;

/** To rename a line takes as long as to compare it; of more, as good as none is selected. */
const maxRenamed = 24;

/** The different lines that the model and the workspace propose. The model's comes last. */
export function lineCandidates(
  modelText: string,
  matches: readonly WorkspaceMatch[],
  cursor: Pick<Cursor, "before" | "after">,
): LineCandidate[] {
  const around = surroundingsOf(cursor);
  const found = selectLines(workspaceLines(matches), around, maxRenamed);
  const selected = selectLines([...found, ...renamedLines(found, around)], around, maxFromWorkspace);
  return withModelLine(selected, firstLine(modelText));
}

/** Marks the model's line among others, or adds it at the end. */
export function withModelLine(lines: readonly LineCandidate[], modelLine: string): LineCandidate[] {
  const same = lines.find(({ text }) => text === modelLine);
  if (same) return lines.map((line) => (line === same ? { ...line, fromModel: true } : line));
  return modelLine === "" ? [...lines] : [...lines, { text: modelLine, fromModel: true, matches: [] }];
}

/** The different lines that follow the same code in the workspace. */
export function workspaceLines(matches: readonly WorkspaceMatch[]): LineCandidate[] {
  const byText = new Map<string, WorkspaceMatch[]>();
  for (const match of matches) {
    const text = lineOf(match);
    const known = byText.get(text);
    if (known) known.push(match);
    else if (text.trim() !== "") byText.set(text, [match]);
  }
  return Array.from(byText, ([text, found]) => ({ text, fromModel: false, matches: found }));
}

/** A text up to the end of its first line that is not blank, without white space at its end. */
export function firstLine(text: string): string {
  return (/^\s*\S.*/.exec(text)?.[0] ?? "").trimEnd();
}

/** The rest of the match's line; after a finished line, the next one with its line break. */
function lineOf({ rest, following }: WorkspaceMatch): string {
  return rest === "" ? firstLine(`\n${following}`) : rest;
}
