import { PRE_TOKEN_LOOKAHEAD, type Tokenizer } from "./tokenizer";

/**
 * Encodes a text repeatedly as it changes, at the cost of the change: only the pre-tokens that it touches are split and merged
 * again. The result is always that of {@link Tokenizer.encode}. One encoder per document and purpose: it remembers one text.
 */
export class IncrementalEncoder {
  #text = "";
  #tokens: number[] = [];
  /** Where each pre-token ends in the text, and where its tokens end in {@link #tokens}. */
  #ends: number[] = [];
  #tokenEnds: number[] = [];
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  encode(text: string): number[] {
    const normalized = this.#tokenizer.normalize?.(text) ?? text;
    if (normalized !== this.#text) this.#update(normalized);
    return this.#tokens.slice();
  }

  #update(text: string): void {
    const unchanged = commonPrefix(this.#text, text);
    const unchangedTail = commonSuffix(this.#text, text);
    const growth = text.length - this.#text.length;

    // The text that decides where the pre-tokens before `keep` end is unchanged.
    const decided = decidedBefore(text, unchanged - (this.#tokenizer.lookahead ?? PRE_TOKEN_LOOKAHEAD));
    const keep = firstGreater(this.#ends, decided);
    const start = this.#ends[keep - 1] ?? 0;

    // After the change, as soon as an old and a new boundary coincide, everything from there on is unchanged.
    let resume = keep;
    const coincides = (end: number): boolean => {
      if (end < text.length - unchangedTail) return false;
      while (resume < this.#ends.length && this.#boundary(resume) < end - growth) resume++;
      return this.#boundary(resume) === end - growth;
    };

    const ends: number[] = [];
    const tokenEnds: number[] = [];
    const tokens: number[] = [];
    const tokenStart = this.#tokenEnds[keep - 1] ?? 0;
    if (!coincides(start)) {
      for (const preToken of this.#tokenizer.preTokens(text, start)) {
        for (const token of preToken.tokens) tokens.push(token);
        ends.push(preToken.end);
        tokenEnds.push(tokenStart + tokens.length);
        if (coincides(preToken.end)) break;
      }
    }

    const oldTokenEnd = this.#tokenEnds[resume - 1] ?? 0;
    const tokenGrowth = tokenStart + tokens.length - oldTokenEnd;
    this.#tokens = this.#tokens.slice(0, tokenStart).concat(tokens, this.#tokens.slice(oldTokenEnd));
    this.#ends = spliced(this.#ends, keep, resume, ends, growth);
    this.#tokenEnds = spliced(this.#tokenEnds, keep, resume, tokenEnds, tokenGrowth);
    this.#text = text;
  }

  /** Where pre-token `index` of the remembered text begins; the text's length for the one after the last. */
  #boundary(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number);
  }
}

/** The last position up to `limit` at which no white space or digits begin: where the pre-tokens before it end depends on nothing after `limit`. */
function decidedBefore(text: string, limit: number): number {
  let at = limit;
  while (at > 0 && /[\p{White_Space}\p{N}]/u.test(text[at] ?? "")) at--;
  return at;
}

/** `values` with those from `from` to `to` replaced, and `shift` added to those after them. */
function spliced(
  values: readonly number[],
  from: number,
  to: number,
  replacement: readonly number[],
  shift: number,
): number[] {
  const tail = values.slice(to);
  return values.slice(0, from).concat(replacement, shift === 0 ? tail : tail.map((value) => value + shift));
}

/** How many of the ascending `values` are at most `limit`. */
function firstGreater(values: readonly number[], limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function commonPrefix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function commonSuffix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)) length++;
  return length;
}
