import { ModelFileError } from "../formats/errors";
import type { PreToken, Tokenizer } from "./tokenizer";

/**
 * Replaces the tokenizer of a model whose vocabulary is unknown: the model runs on token ids, which are shown as numbers, and text is
 * rejected.
 */
export class TokenIds implements Tokenizer {
  readonly fim = undefined;

  /**
   * @param name what the model's file calls the vocabulary
   * @param refusal why text cannot be encoded, for a person
   */
  constructor(
    readonly name: string,
    readonly vocabSize: number,
    readonly endOfText: number,
    readonly refusal: string,
  ) {}

  encode(text: string): number[] {
    if (text !== "") throw new ModelFileError(this.refusal);
    return [];
  }

  preTokens(text: string, from = 0): Iterable<PreToken> {
    this.encode(text.slice(from));
    return [];
  }

  decode(tokens: readonly number[]): string {
    return tokens.map((token) => this.#shown(token)).join("");
  }

  bytes(token: number): Uint8Array {
    return new TextEncoder().encode(this.#shown(token));
  }

  isSpecial(token: number): boolean {
    return token === this.endOfText;
  }

  tokensStartingWith(): Uint32Array {
    return new Uint32Array();
  }

  tokensAgreeingWith(): Uint32Array {
    return new Uint32Array();
  }

  #shown(token: number): string {
    if (!Number.isInteger(token) || token < 0 || token >= this.vocabSize) {
      throw new RangeError(`Token ${token} is not in the vocabulary of ${this.vocabSize} tokens.`);
    }
    return ` ${token}`;
  }
}
