import type { Candidate } from "./candidates";
import { newline } from "./positions";
import { startsWith } from "./search";
import { longestContext } from "./sortPositions";
import { countCharacters, countLines, decodeText, encodeText, lineEnd } from "./text";
import { mostWithEqualRest, sameNextLineBonus, type WorkspaceMatch, type WorkspaceQuery } from "./types";

/** Longer rests of lines, in bytes, are no suggestion. */
const longestRest = 400;
/** What is read of the lines after a match. */
const mostFollowingBytes = 800;
const mostFollowingLines = 12;
/** What is read of the text before a match. */
const mostPrecedingBytes = 600;

type Read = Omit<WorkspaceMatch, "preceding" | "following" | "line" | "occurrences">;

interface Scored {
  readonly candidate: Candidate;
  readonly read: Read;
  readonly score: number;
}

/**
 * Reads the lines at the candidates and puts the most useful ones first.
 * @param cursorBytes length of the text that was searched for
 * @param recencyOf recency of a file, from 0 to 1
 */
export function describeMatches(
  candidates: readonly Candidate[],
  cursorBytes: number,
  query: WorkspaceQuery,
  recencyOf: (uri: string) => number,
): WorkspaceMatch[] {
  const after = encodeText(query.suffix.slice(0, longestContext));
  const nextLine = /\n[^\S\n]*(\S.*)/.exec(query.suffix)?.[1]?.trimEnd();
  const scored: Scored[] = [];
  for (const candidate of candidates) {
    const { uri } = candidate.placed.chunk.file;
    const sameFile = uri === query.uri;
    if (sameFile && candidate.length >= cursorBytes && isFollowedBy(candidate, after)) continue;
    const read = readMatch(candidate, sameFile, recencyOf(uri));
    if (!read) continue;
    const bonus = nextLine !== undefined && read.nextLine.trim() === nextLine ? sameNextLineBonus : 0;
    scored.push({ candidate, read, score: read.matchLength + bonus });
  }
  scored.sort((a, b) => b.score - a.score || closeness(b.read) - closeness(a.read));
  return select(scored, query.limit);
}

function select(scored: readonly Scored[], limit: number): WorkspaceMatch[] {
  const occurrences = new Map<string, number>();
  for (const { read } of scored) occurrences.set(suggested(read), (occurrences.get(suggested(read)) ?? 0) + 1);
  const taken = new Map<string, number>();
  const matches: WorkspaceMatch[] = [];
  for (const { candidate, read } of scored) {
    if (matches.length >= limit) break;
    const line = suggested(read);
    const equal = taken.get(line) ?? 0;
    if (equal >= mostWithEqualRest) continue;
    taken.set(line, equal + 1);
    matches.push({
      ...read,
      line: lineOf(candidate),
      preceding: precedingText(candidate),
      following: followingLines(candidate),
      occurrences: occurrences.get(line) ?? 1,
    });
  }
  return matches;
}

/** What a match suggests: the rest of its line, or, after a finished line, the next one. */
function suggested({ rest, nextLine }: Read): string {
  return rest === "" ? `\n${nextLine}` : rest;
}

/** @returns undefined where the rest of the line is too long */
function readMatch(candidate: Candidate, sameFile: boolean, recency: number): Read | undefined {
  const { text, position, length, placed } = candidate;
  const end = textEnd(candidate);
  const restEnd = lineEnd(text, position, end);
  if (restEnd - position > longestRest) return undefined;
  return {
    uri: placed.chunk.file.uri,
    offset: placed.chunk.textStart + position - placed.base,
    matchLength: countCharacters(text.subarray(position - length, position)),
    rest: decodeText(text.subarray(position, restEnd)).trimEnd(),
    nextLine: nextFilledLine(text, restEnd, end),
    sameFile,
    recency,
  };
}

function closeness({ sameFile, recency }: Read): number {
  return sameFile ? 2 : recency;
}

/** Whether the text after a position is the text after the cursor, which makes it the cursor's own position. */
function isFollowedBy(candidate: Candidate, after: Uint8Array): boolean {
  const { text, position, placed } = candidate;
  if (!startsWith(text, position, after)) return false;
  const { file, textStart } = placed.chunk;
  const restOfFile = file.length - (textStart + position - placed.base);
  return after.length >= longestContext || restOfFile === after.length;
}

function textEnd({ placed: { base, chunk } }: Candidate): number {
  return base + chunk.textEnd - chunk.textStart;
}

function lineOf({ text, position, placed: { base, chunk } }: Candidate): number {
  return chunk.firstLine + countLines(text, base + chunk.start - chunk.textStart, position);
}

function nextFilledLine(text: Uint8Array, restEnd: number, end: number): string {
  for (let start = restEnd + 1; start < end;) {
    const lineBreak = lineEnd(text, start, end);
    const line = decodeText(text.subarray(start, Math.min(lineBreak, start + longestRest))).trimEnd();
    if (line !== "") return line;
    start = lineBreak + 1;
  }
  return "";
}

function precedingText({ text, position, placed: { base } }: Candidate): string {
  return decodeText(text.subarray(Math.max(base, position - mostPrecedingBytes), position));
}

/** Whole lines only. */
function followingLines(candidate: Candidate): string {
  const { text, position } = candidate;
  const end = textEnd(candidate);
  const start = lineEnd(text, position, end) + 1;
  const limit = Math.min(end, start + mostFollowingBytes);
  let linesEnd = start;
  for (let lines = 0; lines < mostFollowingLines && linesEnd < limit; lines++) {
    const lineBreak = text.indexOf(newline, linesEnd);
    if (lineBreak < 0 || lineBreak >= limit) break;
    linesEnd = lineBreak + 1;
  }
  return decodeText(text.subarray(start, linesEnd));
}
