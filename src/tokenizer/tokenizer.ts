/** Text to token ids and back, for one vocabulary. Ids are what the model's embedding table is indexed with. */
export interface Tokenizer {
  /** Such as `gpt2` or `p50k_edit`. */
  readonly name: string;
  readonly vocabSize: number;
  /** `<|endoftext|>`. */
  readonly endOfText: number;
  /** The fill-in-the-middle tokens, of a vocabulary that has them. */
  readonly fim: { readonly prefix: number; readonly middle: number; readonly suffix: number } | undefined;
  /** Encodes text as text: special tokens written in it are ordinary characters. */
  encode(text: string): number[];
  /** Decodes whole tokens; bytes that are no UTF-8 become U+FFFD. For a stream of tokens use {@link TokenStream}. */
  decode(tokens: readonly number[]): string;
  /** The bytes of one token. Special tokens have the bytes of their names. */
  bytes(token: number): Uint8Array;
  isSpecial(token: number): boolean;
  /**
   * The ids of the ordinary tokens whose bytes begin with `prefix` (a range of the sorted vocabulary, found by bisection).
   * Token healing lets the model choose among these.
   */
  tokensStartingWith(prefix: Uint8Array): readonly number[];
}

/** Turns a growing list of tokens into text without cutting a character that spans two tokens. */
export interface TokenStream {
  /** Adds tokens; returns the text that became certain. */
  push(...tokens: number[]): string;
  /** What is left at the end: U+FFFD for an unfinished character. */
  end(): string;
}
