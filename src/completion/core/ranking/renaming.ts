import type { WorkspaceMatch } from "../workspace/types";
import { align } from "./alignment";
import type { MatchedLine } from "./lineFacts";
import { type Surroundings, tokensAround } from "./surroundings";

/** Shorter parts of names are often equal by chance. */
const shortestPart = 3;

/** What a text of the other place is called at the cursor. */
type Renaming = (text: string) => string;

/**
 * Lines as they would be at a cursor: a name that stands around the match where another one stands around the cursor is replaced by that
 * one, and so is the part by which such names differ in other names: after `saveUser` for `saveOrder`, `users` becomes `orders`.
 * @returns only lines that change, and that are not among `lines`
 */
export function renamedLines<Line extends MatchedLine>(
  lines: readonly Line[],
  around: Pick<Surroundings, "tokensBefore" | "tokensAfter">,
): Line[] {
  const known = new Set(lines.map(({ text }) => text));
  return lines.flatMap((line) => {
    const [match] = line.matches;
    if (!match) return [];
    const rename = renamingOf(match, around);
    const text = rename(line.text);
    if (known.has(text)) return [];
    known.add(text);
    return [{ ...line, text, matches: [renamedMatch(match, rename)], isRenamed: true }];
  });
}

function renamedMatch(match: WorkspaceMatch, rename: Renaming): WorkspaceMatch {
  const { rest, nextLine, following } = match;
  return { ...match, rest: rename(rest), nextLine: rename(nextLine), following: rename(following) };
}

function renamingOf(match: WorkspaceMatch, around: Pick<Surroundings, "tokensBefore" | "tokensAfter">): Renaming {
  const { before, after } = tokensAround(match);
  const names = new Map([...align(around.tokensAfter, after).meanings, ...align(around.tokensBefore, before).meanings]);
  if (names.size === 0) return (text) => text;
  const parts = Array.from(names).flatMap(([other, own]) => differingParts(other, own));
  return (text) =>
    text.replace(/[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+/gu, (name) => names.get(name) ?? withPart(name, parts));
}

/** The words that two names have between the same first and the same last words, in each case that names write them in. */
function differingParts(other: string, own: string): [other: string, own: string][] {
  const [there, here] = [wordsOf(other), wordsOf(own)];
  const shortest = Math.min(there.length, here.length);
  let start = 0;
  while (start < shortest && there[start] === here[start]) start++;
  let end = 0;
  while (end < shortest - start && there.at(-1 - end) === here.at(-1 - end)) end++;
  const part = there.slice(start, there.length - end).join("");
  const ownPart = here.slice(start, here.length - end).join("");
  if (part.length < shortestPart || ownPart.length < shortestPart) return [];
  return [
    [part, ownPart],
    [withOtherCase(part), withOtherCase(ownPart)],
    [part.toUpperCase(), ownPart.toUpperCase()],
  ];
}

/** `saveHTTPUser_1` has `save`, `HTTP`, `User`, `_`, `1`. */
function wordsOf(name: string): string[] {
  return name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[^\p{Lu}\p{Ll}\p{N}]+|./gu) ?? [];
}

function withOtherCase(name: string): string {
  const first = name.charAt(0);
  const upper = first.toUpperCase();
  return (first === upper ? first.toLowerCase() : upper) + name.slice(1);
}

/** The name with the first part that it has replaced. */
function withPart(name: string, parts: readonly (readonly [other: string, own: string])[]): string {
  const found = parts.find(([other]) => name.includes(other));
  return found ? name.replace(found[0], () => found[1]) : name;
}
