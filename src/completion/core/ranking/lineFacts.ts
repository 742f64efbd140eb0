import type { WorkspaceMatch } from "../workspace/types";
import { align } from "./alignment";
import { depthOf, namesIn, type Surroundings, tokensAround } from "./surroundings";

/** So many of a line's matches are compared with what is around the cursor. */
const mostCompared = 2;

/** A line that may follow a cursor. */
export interface MatchedLine {
  /** The text up to the end of its line; before a finished line, it begins with the line break. */
  readonly text: string;
  /** Where the same text follows what is before the cursor, the best match first. */
  readonly matches: readonly WorkspaceMatch[];
  /** Whether names in it were replaced by those around the cursor. */
  readonly isRenamed?: boolean;
}

/** What can be said of a line at a cursor without the model. Counts, and 1 or 0 for yes or no. */
export interface LineFacts {
  /** Characters of the longest match. */
  readonly matchLength: number;
  readonly occurrences: number;
  /** Whether the line after a match is the line after the cursor's. */
  readonly sameNextLine: number;
  readonly sameFile: number;
  readonly names: number;
  /** Names that are not near the cursor. */
  readonly unknownNames: number;
  /** Whether the line opens a block or a list, and the next line is further in. */
  readonly opensNext: number;
  /** Whether it opens one, and the next line is as far in as the line. */
  readonly opensNothing: number;
  /** Whether it opens none, although the next line is further in. */
  readonly missesOpening: number;
  /** Tokens that a match has in common with the cursor, before it and from the next line on. */
  readonly alikeBefore: number;
  readonly alikeAfter: number;
  /** Whether the whole line stands near the cursor already. */
  readonly isNear: number;
  readonly isNextLine: number;
  /** Whether names were replaced. */
  readonly isRenamed: number;
}

export function lineFacts({ text, matches, isRenamed = false }: MatchedLine, around: Surroundings): LineFacts {
  const { nextLine } = around;
  const whole = around.linePrefix + text;
  const line = whole.slice(whole.lastIndexOf("\n") + 1);
  const deeper = nextLine === undefined ? 0 : Math.sign(depthOf(nextLine) - depthOf(line));
  const opens = opensSomething(line);
  const names = namesIn(text);
  const compared = matches.slice(0, mostCompared).map(tokensAround);
  return {
    matchLength: most(matches.map((match) => match.matchLength)),
    occurrences: most(matches.map((match) => match.occurrences)),
    sameNextLine: flag(nextLine !== undefined && matches.some((match) => match.nextLine.trim() === nextLine.trim())),
    sameFile: flag(matches.some((match) => match.sameFile)),
    names: names.size,
    unknownNames: [...names].filter((name) => !around.names.has(name)).length,
    opensNext: flag(opens && deeper > 0),
    opensNothing: flag(opens && deeper === 0),
    missesOpening: flag(!opens && deeper > 0),
    alikeBefore: most(compared.map(({ before }) => align(around.tokensBefore, before).common)),
    alikeAfter: most(compared.map(({ after }) => align(around.tokensAfter, after).common)),
    isNear: flag(around.lines.has(line.trim())),
    isNextLine: flag(line.trim() === nextLine?.trim()),
    isRenamed: flag(isRenamed),
  };
}

/** Whether what follows a line is probably inside of it: a block, a list, or the rest of an expression. */
function opensSomething(line: string): boolean {
  const code = line.trim();
  if (/(?:[([{:,]|=>)$/.test(code)) return true;
  return ["()", "[]", "{}"].some(([open = "", close = ""]) => count(code, open) > count(code, close));
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function most(values: readonly number[]): number {
  return Math.max(0, ...values);
}
