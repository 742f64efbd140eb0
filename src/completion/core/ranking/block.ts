import { stopAt } from "../../../generation/decoding/stops";
import type { LineScore } from "../../../generation/ranking/scoreLines";
import { type Cursor, indentOf } from "../cursor";
import type { WorkspaceMatch } from "../workspace/types";
import { jointProbability } from "./features";
import { possibleEnds } from "./possibleEnd";
import type { RankedLine } from "./ranker";

/** Several lines. */
export interface Block {
  readonly text: string;
  /** That all of them are right. */
  readonly probability: number;
}

/** A text with one more line. */
interface LongerText {
  readonly text: string;
  /** That the added line is right, when those before it are. */
  readonly probability: number;
}

/** Adds the next line; undefined at the end. */
type Lengthen = (text: string) => LongerText | undefined;

/**
 * A line and those that follow it at its matches in the workspace, as long as all of them are as likely as `threshold`. The more matches
 * agree on a line, the likelier it is: (k − 0.3) / (n + 0.2) when k of n do. The constants are chosen by hand: near what is right with one match, and careful
 * with more (test/eval/README.md). Undefined when a line more would save less.
 */
export function workspaceBlock(line: RankedLine, cursor: Cursor, threshold: number): Block | undefined {
  const blocks = line.matches.flatMap((match) => blockAt(match, cursor) ?? []);
  return likelyBlock(line, cursor, threshold, (text) => {
    const agreeing = blocks.filter((block) => block === text || block.startsWith(`${text}\n`));
    const longer = mostFrequent(agreeing.flatMap((block) => withNextLine(block, text) ?? []));
    return longer && { text: longer.item, probability: (longer.count - 0.3) / (agreeing.length + 0.2) };
  });
}

/**
 * The model's own line and those that it wrote after it, as long as all of them are as likely as `threshold`. Undefined when a line more
 * would save less.
 * @param score that of all that the model wrote
 */
export function modelBlock(
  line: RankedLine,
  modelText: string,
  { tokens, ends = [] }: LineScore,
  cursor: Cursor,
  threshold: number,
): Block | undefined {
  return likelyBlock(line, cursor, threshold, (text) => {
    const longer = withNextLine(modelText, text);
    if (longer === undefined || ends.length === 0) return undefined;
    // A token that begins in a line may have its line break in it.
    const begin = (i: number) => ends[i - 1] ?? 0;
    const added = tokens.filter((_, i) => begin(i) >= text.length && begin(i) < longer.length);
    return { text: longer, probability: jointProbability(added) };
  });
}

/** Whether a text goes on after the line. */
export function hasMoreLines(modelText: string, { text }: Pick<RankedLine, "text">): boolean {
  return withNextLine(modelText.trimEnd(), text) !== undefined;
}

/** Of the beginnings that are as likely as `threshold`, the one that saves most: keys, times the probability that all of it is right. */
function likelyBlock(line: RankedLine, cursor: Cursor, threshold: number, lengthen: Lengthen): Block | undefined {
  const isPossible = possibleEnds(cursor);
  let { text, probability } = line;
  let saved = probability * keysOf(text);
  let best: Block | undefined;
  for (let longer = lengthen(text); longer; longer = lengthen(text)) {
    text = longer.text;
    probability *= longer.probability;
    if (probability < threshold) break;
    const expected = probability * keysOf(text);
    if (expected <= saved || !isPossible(text)) continue;
    best = { text, probability };
    saved = expected;
  }
  return best;
}

/** How many keys a text takes: the editor indents. */
function keysOf(text: string): number {
  return text.replaceAll(/\n\s+/g, "\n").length;
}

/** The match's line and those after it that belong to the same block; undefined where it is not indented as the cursor's line is. */
function blockAt({ preceding, rest, following }: WorkspaceMatch, cursor: Cursor): string | undefined {
  const before = preceding.slice(preceding.lastIndexOf("\n") + 1);
  if (indentOf(before) !== indentOf(cursor.linePrefix)) return undefined;
  const text = `${rest}\n${following}`.replaceAll(/[^\S\n]+$/gm, "");
  return text.slice(0, stopAt("block", text, { prefix: cursor.before, suffix: cursor.after })).trimEnd();
}

/** A text up to the end of the line after its beginning `text`; undefined when it does not begin so, or ends there. */
function withNextLine(whole: string, text: string): string | undefined {
  if (!whole.startsWith(`${text}\n`)) return undefined;
  const end = whole.indexOf("\n", text.length + 1);
  return end < 0 ? whole : whole.slice(0, end);
}

/** The first of the most frequent items. */
function mostFrequent(items: readonly string[]): { readonly item: string; readonly count: number } | undefined {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  const [first, ...others] = Array.from(counts, ([item, count]) => ({ item, count }));
  return others.reduce((most, other) => (most && other.count > most.count ? other : most), first);
}
