import type { Tokenizer } from "../../tokenizer/tokenizer";

/** A prompt split into the tokens to prefill and those that the model chooses again. */
export interface HealedPrompt {
  readonly kept: readonly number[];
  readonly rolledBack: readonly number[];
}

/** The most tokens that are rolled back: each may cost a decode step. */
const maxRolledBack = 4;

/**
 * The piece before the cursor that may be incomplete, as GPT-2's tokenizer splits text: a word with the space before it, a number, a run
 * of symbols, or a run of spaces within a line. Newlines are not part of it: there is no doubt that the line has ended.
 */
const lastPiece = /(?: ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|[^\S\n]+)$/u;

/**
 * Token healing. A prompt that ends in half a word or in a space is unlike the model's training data, where the whole word has other
 * tokens. So the tokens of the piece before the cursor are rolled back, and {@link HealingConstraint} makes the model choose again among
 * the tokens that are consistent with the typed bytes.
 * @param head how many of the first tokens are never rolled back
 */
export function rollBack(tokens: readonly number[], head: number, tokenizer: Tokenizer): HealedPrompt {
  const unchanged = { kept: tokens, rolledBack: [] };
  const end = tokenizer.decode(tokens.slice(Math.max(head, tokens.length - 2 * maxRolledBack)));
  let missing = new TextEncoder().encode(lastPiece.exec(end)?.[0] ?? "").length;
  let start = tokens.length;
  while (missing > 0 && start > Math.max(head, tokens.length - maxRolledBack)) {
    missing -= tokenizer.bytes(tokens[--start] ?? 0).length;
  }
  // The model needs at least one token to run.
  if (start === 0) return unchanged;
  const rolledBack = tokens.slice(start);
  return bytesOf(rolledBack, tokenizer).every((byte) => isToken(Uint8Array.of(byte), tokenizer))
    ? { kept: tokens.slice(0, start), rolledBack }
    : unchanged;
}

/**
 * Restricts decoding to tokens that are consistent with the rolled back bytes: those that begin with the remaining bytes, and those that
 * the remaining bytes begin with. Every single byte is a token (see {@link rollBack}), so there always is such a token.
 */
export class HealingConstraint {
  readonly #tokenizer: Tokenizer;
  #remaining: Uint8Array;

  constructor(rolledBack: readonly number[], tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#remaining = bytesOf(rolledBack, tokenizer);
  }

  /** Whether it restricts nothing any more. */
  get isOver(): boolean {
    return this.#remaining.length === 0;
  }

  /** Masks the logits `[V]` of tokens that are not allowed with -Infinity, in a copy. Without remaining bytes it returns `logits`. */
  apply(logits: Float32Array): Float32Array {
    if (this.isOver) return logits;
    const allowed = new Float32Array(logits.length).fill(-Infinity);
    for (const token of this.#tokenizer.tokensAgreeingWith(this.#remaining)) allowed[token] = logits[token] as number;
    return allowed;
  }

  /** Records a chosen token. @returns those of its bytes that come after the rolled back ones */
  accept(token: number): Uint8Array {
    const bytes = this.#tokenizer.bytes(token);
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
