import { sameTokens } from "../../gpt2/sameTokens";
import { IncrementalEncoder } from "../../tokenizer/incrementalEncoder";
import type { Tokenizer } from "../../tokenizer/tokenizer";

/** A suffix is kept while at most this share of its tokens changed. */
const maxChange = 0.1;
/** The text right after the cursor matters most: this many first tokens must be equal. */
const equalStart = 8;
/** How many suffixes are remembered, of several documents and cursor positions. */
const maxAnchors = 8;

/**
 * Keeps the suffix of a prompt stable. The suffix comes before the prefix in the prompt, so a change in it invalidates the whole KV
 * cache. A small change (a closed bracket further down, a renamed variable) is not worth that: the tokens of the earlier suffix are used
 * again. A suffix is compared with the one that was first used, so small changes add up until it is replaced.
 */
export class SuffixAnchor {
  /** Most recently used first. */
  #anchors: (readonly number[])[] = [];

  readonly #encoder: IncrementalEncoder;

  constructor(tokenizer: Tokenizer) {
    this.#encoder = new IncrementalEncoder(tokenizer);
  }

  /** The tokens to use for a suffix, at most `budget`: its own, cut at the end, or those of an earlier suffix that is nearly the same. */
  encode(suffix: string, budget: number): readonly number[] {
    const own = this.#encoder.encode(cutAfter(suffix, 8 * budget)).slice(0, budget);
    const anchor = this.#anchors.find((earlier) => earlier.length <= budget && isNearlySame(earlier, own)) ?? own;
    this.#anchors = [anchor, ...this.#anchors.filter((earlier) => earlier !== anchor)].slice(0, maxAnchors);
    return anchor;
  }
}

/** Whether two suffixes begin with the same tokens and their edit distance is small. */
export function isNearlySame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length < equalStart || b.length < equalStart) return sameTokens(a, b);
  for (let i = 0; i < equalStart; i++) if (a[i] !== b[i]) return false;
  const limit = Math.floor(maxChange * Math.max(a.length, b.length));
  return sameTokens(a, b) || editDistanceWithin(a, b, limit);
}

/** Whether the Levenshtein distance is at most `limit`: only the band of that width around the diagonal is computed (Ukkonen 1985). */
function editDistanceWithin(a: readonly number[], b: readonly number[], limit: number): boolean {
  if (Math.abs(a.length - b.length) > limit) return false;
  const outside = limit + 1;
  let above = Array.from({ length: b.length + 1 }, (_, j) => Math.min(j, outside));
  for (let i = 1; i <= a.length; i++) {
    const row = new Array<number>(b.length + 1).fill(outside);
    if (i <= limit) row[0] = i;
    let least = row[0] ?? outside;
    for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j++) {
      const replaced = (above[j - 1] ?? outside) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, (above[j] ?? outside) + 1, (row[j - 1] ?? outside) + 1);
      row[j] = Math.min(distance, outside);
      least = Math.min(least, distance);
    }
    if (least > limit) return false;
    above = row;
  }
  return (above[b.length] ?? outside) <= limit;
}

/** The first `length` UTF-16 units, or one less to keep a surrogate pair together. */
function cutAfter(text: string, length: number): string {
  const splits = (text.charCodeAt(length - 1) & 0xfc00) === 0xd800 && length < text.length;
  return text.slice(0, splits ? length - 1 : length);
}
