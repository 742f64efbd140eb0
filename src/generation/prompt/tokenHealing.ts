import type { Tokenizer } from "../../tokenizer/tokenizer";

/** A prompt with its end taken back, and the bytes of that end. */
export interface Healed {
  readonly kept: readonly number[];
  readonly takenBack: readonly number[];
}

/** More tokens than this are not taken back: each may cost a decode step. */
const mostTaken = 4;

/**
 * What a cursor may have cut: the last piece that GPT-2's tokenizer would take as one (a word with the space before it, a number, a run
 * of signs, a run of spaces in a line). A newline is no part of it: that the line has ended is certain.
 */
const lastPiece = /(?: ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|[^\S\n]+)$/u;

/**
 * Token healing. A prompt that ends in half a word or in a space is unlike anything that the model has read, because the tokens of
 * the whole word would have been others. So the tokens of the piece before the cursor are taken back, and {@link HealingConstraint}
 * has the model choose again among the tokens that agree with what was typed.
 * @param head the first tokens, which are never taken back.
 */
export function takeBack(tokens: readonly number[], head: number, tokenizer: Tokenizer): Healed {
  const untouched = { kept: tokens, takenBack: [] };
  const end = tokenizer.decode(tokens.slice(Math.max(head, tokens.length - 2 * mostTaken)));
  let missing = new TextEncoder().encode(lastPiece.exec(end)?.[0] ?? "").length;
  let start = tokens.length;
  while (missing > 0 && start > Math.max(head, tokens.length - mostTaken)) {
    missing -= tokenizer.bytes(tokens[--start] ?? 0).length;
  }
  // The model always has something to run.
  if (start === 0) return untouched;
  const takenBack = tokens.slice(start);
  return bytesOf(takenBack, tokenizer).every((byte) => isToken(Uint8Array.of(byte), tokenizer))
    ? { kept: tokens.slice(0, start), takenBack }
    : untouched;
}

/**
 * Until the bytes that were taken back are used up, only tokens that begin with what is left of them are allowed, or that are the
 * beginning of it. Every byte is a token of its own (see {@link takeBack}), so there always is one.
 */
export class HealingConstraint {
  #remaining: Uint8Array;

  constructor(
    takenBack: readonly number[],
    private readonly tokenizer: Tokenizer,
  ) {
    this.#remaining = bytesOf(takenBack, tokenizer);
  }

  /** The logits with those of tokens that are not allowed set to -Infinity; once all is used up, the logits as they are. */
  apply(logits: Float32Array): Float32Array {
    if (this.#remaining.length === 0) return logits;
    const allowed = new Float32Array(logits.length).fill(-Infinity);
    for (const token of this.tokenizer.tokensAgreeingWith(this.#remaining)) allowed[token] = logits[token] as number;
    return allowed;
  }

  /** Notes that a token was chosen. @returns the bytes of it that are behind the cursor. */
  accept(token: number): Uint8Array {
    const bytes = this.tokenizer.bytes(token);
    const used = Math.min(bytes.length, this.#remaining.length);
    this.#remaining = this.#remaining.subarray(used);
    return bytes.subarray(used);
  }
}

function bytesOf(tokens: readonly number[], tokenizer: Tokenizer): Uint8Array {
  return Uint8Array.from(tokens.flatMap((token) => [...tokenizer.bytes(token)]));
}

/** Whether a token has exactly these bytes. It would be the first of those that begin with them. */
function isToken(bytes: Uint8Array, tokenizer: Tokenizer): boolean {
  const token = tokenizer.tokensStartingWith(bytes)[0];
  return token !== undefined && tokenizer.bytes(token).length === bytes.length;
}
