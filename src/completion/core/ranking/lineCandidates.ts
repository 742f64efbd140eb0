import type { WorkspaceMatch } from "../workspace/types";

/** A line that may follow the cursor, and where it comes from. */
export interface LineCandidate {
  /** The text up to the end of its line; before a finished line, it begins with the line break. */
  readonly text: string;
  /** Whether the model wrote it. */
  readonly fromModel: boolean;
  /** Where the same text follows what is before the cursor, the best match first. */
  readonly matches: readonly WorkspaceMatch[];
}

/** More lines from the workspace are not scored: what is right is nearly always among the first. */
const maxFromWorkspace = 8;

/** The different lines that the model and the workspace propose. The model's comes last. */
export function lineCandidates(modelText: string, matches: readonly WorkspaceMatch[]): LineCandidate[] {
  const byText = new Map<string, WorkspaceMatch[]>();
  for (const match of matches) {
    const text = lineOf(match);
    const known = byText.get(text);
    if (known) known.push(match);
    else if (text.trim() !== "" && byText.size < maxFromWorkspace) byText.set(text, [match]);
  }
  const modelLine = firstLine(modelText);
  const candidates = Array.from(byText, ([text, found]) => ({ text, fromModel: text === modelLine, matches: found }));
  if (modelLine === "" || byText.has(modelLine)) return candidates;
  return [...candidates, { text: modelLine, fromModel: true, matches: [] }];
}

/** A text up to the end of its first line that is not blank, without white space at its end. */
export function firstLine(text: string): string {
  return (/^\s*\S.*/.exec(text)?.[0] ?? "").trimEnd();
}

/** The rest of the match's line; after a finished line, the next one with its line break. */
function lineOf({ rest, following }: WorkspaceMatch): string {
  return rest === "" ? firstLine(`\n${following}`) : rest;
}
