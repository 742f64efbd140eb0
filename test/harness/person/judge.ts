import { drawn, hasGhost, type View } from "./view";

/** What a person who knows what is to be written thinks of the ghost text. */
export interface Verdict {
  /** How much of what is left to be written it is, in characters; 0 when any of it is wrong. */
  readonly right: number;
  /** Whether it is right up to the end of a line. */
  readonly lineEnd: boolean;
  /** The first word of it, where that is worth a key and right; else empty. */
  readonly word: string;
}

const CLOSERS = /^[)\]}"'`\s]*$/;

/** A word that was cut is no word. */
function cutsWord(written: string, left: string): boolean {
  return /\w$/.test(written) && /^\w/.test(left);
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Whether the characters of `part` are all in `whole`, in this order. */
export function isSubsequence(part: string, whole: string): boolean {
  let at = -1;
  for (const character of part) {
    at = whole.indexOf(character, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** Whether what the ghost text has beyond `left` closes what it opens, or stood there before. */
function onlyCloses(tail: string, after: string, left: string): boolean {
  for (let kept = 0; kept <= after.length; kept++) {
    const old = after.slice(after.length - kept);
    if (!tail.endsWith(old) || !CLOSERS.test(tail.slice(0, tail.length - kept))) continue;
    if (isSubsequence(tail.replaceAll(/\s/g, ""), left)) return true;
  }
  return false;
}

/** @param goal the file's lines as they are drawn */
export function judge(view: View, goal: readonly string[]): Verdict | undefined {
  if (!hasGhost(view)) return undefined;
  const wrong: Verdict = { right: 0, lineEnd: false, word: "" };
  const line = goal[view.line - 1];
  if (!line?.startsWith(view.before)) return wrong;
  const left = [line.slice(view.before.length), ...goal.slice(view.line)].join("\n");
  const offered = drawn(view);
  const right = commonLength(offered, left);
  const rest = left.slice(right);
  if (right > 0 && !cutsWord(offered.slice(0, right), rest) && onlyCloses(offered.slice(right), view.after, rest))
    return { right, lineEnd: rest === "" || rest.startsWith("\n"), word: "" };
  const [word = ""] = /^\s*\w+/.exec(view.shown) ?? [];
  const isRight = word.trim().length > 2 && left.startsWith(word) && !cutsWord(word, left.slice(word.length));
  return { ...wrong, word: isRight ? word : "" };
}
