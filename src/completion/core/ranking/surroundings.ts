import { indentOf, type Cursor } from "../cursor";
import type { WorkspaceMatch } from "../workspace/types";
import { tokensOf } from "./alignment";

/** Characters before the cursor in which the names of a line are looked up, and half as many after it. */
const nameCharacters = 600;
/** Characters before and after the cursor in which equal lines are looked for. */
const lineCharacters = 1000;
/** Shorter lines are often equal by chance. */
const shortestLine = 9;
/** Characters before and after the cursor that are compared with those around a match. */
const comparedBefore = 600;
const comparedAfter = 400;

/** What is around a cursor, as far as it tells which line belongs there. */
export interface Surroundings {
  /** The cursor's line up to the cursor. */
  readonly linePrefix: string;
  /** The first line after the cursor's that is not blank; undefined when there is none. */
  readonly nextLine: string | undefined;
  readonly names: ReadonlySet<string>;
  /** The lines near it that are not short, without the white space around them. */
  readonly lines: ReadonlySet<string>;
  /** The tokens before the cursor, the nearest first. */
  readonly tokensBefore: readonly string[];
  /** The tokens from the next line on. */
  readonly tokensAfter: readonly string[];
}

export function surroundingsOf({ before, after }: Pick<Cursor, "before" | "after">): Surroundings {
  const near = `${before.slice(-lineCharacters)}\n${after.slice(0, lineCharacters)}`;
  const lines = near.split("\n").map((line) => line.trim());
  const lineEnd = after.indexOf("\n");
  return {
    linePrefix: before.slice(before.lastIndexOf("\n") + 1),
    nextLine: /\n([^\S\n]*\S.*)/.exec(after)?.[1],
    names: namesIn(`${before.slice(-nameCharacters)} ${after.slice(0, nameCharacters / 2)}`),
    lines: new Set(lines.filter(({ length }) => length >= shortestLine)),
    tokensBefore: tokensBefore(before),
    tokensAfter: lineEnd < 0 ? [] : tokensAfter(after.slice(lineEnd + 1)),
  };
}

/** The tokens around a match, in the order of {@link Surroundings}. */
interface MatchTokens {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A match is compared several times, and to take it apart costs more than all else that lines are selected by. */
const known = new WeakMap<WorkspaceMatch, MatchTokens>();

export function tokensAround(match: WorkspaceMatch): MatchTokens {
  const tokens = known.get(match) ?? { before: tokensBefore(match.preceding), after: tokensAfter(match.following) };
  known.set(match, tokens);
  return tokens;
}

/** The tokens at the end of a text, the last one first. */
function tokensBefore(text: string): string[] {
  return tokensOf(text.slice(-comparedBefore)).reverse();
}

/** The tokens at the start of a text. */
function tokensAfter(text: string): string[] {
  return tokensOf(text.slice(0, comparedAfter));
}

export function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
}

/** Columns by which a line is indented, a tab for one. */
export function depthOf(line: string): number {
  return indentOf(line).length;
}
