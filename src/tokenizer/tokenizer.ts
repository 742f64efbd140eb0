/** Text to token ids and back, for one vocabulary. Ids are what the model's embedding table is indexed with. */
export interface Tokenizer {
  /** Such as `gpt2` or `p50k_edit`. */
  readonly name: string;
  /** Rows of the model's embedding table: the vocabulary, and the padding that some models have after it. */
  readonly vocabSize: number;
  /** `<|endoftext|>`, or what ends a text in another vocabulary. */
  readonly endOfText: number;
  /** What begins a text, where that is not {@link endOfText}. */
  readonly startOfText?: number;
  /** The fill-in-the-middle tokens, of a vocabulary that has them. */
  readonly fim: FimTokens | undefined;
  /**
   * Encodes text as text: special tokens written in it are ordinary characters, a lone surrogate is U+FFFD.
   * For a text that changes with every keystroke use an `IncrementalEncoder`.
   */
  encode(text: string): number[];
  /** The text that is encoded in place of a text, in a vocabulary that changes texts first (to a Unicode normalization form). */
  normalize?(text: string): string;
  /**
   * The pre-tokens of a normalized `text` from the boundary `from` (default 0) on, lazily. Where a pre-token ends depends on the text from
   * its start to its end, on the white space and digits that follow, and {@link lookahead} UTF-16 units more, and on nothing else. Its tokens
   * depend on its own text only.
   */
  preTokens(text: string, from?: number): Iterable<PreToken>;
  /** {@link PRE_TOKEN_LOOKAHEAD} unless it is given. */
  readonly lookahead?: number;
  /**
   * Decodes whole tokens; bytes that are no UTF-8 become U+FFFD. For a stream of tokens use {@link TokenStream}.
   * @throws RangeError when a token is not inside `vocabSize`.
   */
  decode(tokens: readonly number[]): string;
  /**
   * The bytes of one token, a view that is not to be written to. Special tokens have the bytes of their names, padding has none.
   * @throws RangeError when the token is not inside `vocabSize`.
   */
  bytes(token: number): Uint8Array;
  /** Whether a token stands for something other than text: end of text, fill-in-the-middle, padding. */
  isSpecial(token: number): boolean;
  /**
   * The ids of the ordinary tokens whose bytes begin with `prefix` (a range of the sorted vocabulary, found by bisection).
   * They come in the order of their bytes, so a token that is `prefix` itself is the first. Token healing lets the model choose among these.
   */
  tokensStartingWith(prefix: Uint8Array): Uint32Array;
  /**
   * The ids of the ordinary tokens with which a text can begin that must begin with `wanted`: those that begin with it, and those
   * that are a proper prefix of it (after which the rest of `wanted` is still to come). The former first.
   */
  tokensAgreeingWith(wanted: Uint8Array): Uint32Array;
}

export interface FimTokens {
  readonly prefix: number;
  readonly middle: number;
  readonly suffix: number;
}

/** What byte-pair merges never cross: a word with the space before it, a number, a run of punctuation or of whitespace. */
export interface PreToken {
  /** Where it ends in the text, in UTF-16 units; the next one begins there. */
  readonly end: number;
  readonly tokens: readonly number[];
}

/** How many UTF-16 units after a pre-token's end can decide where it ends: `'` is one unless `re` follows. */
export const PRE_TOKEN_LOOKAHEAD = 2;

/** Turns a growing list of tokens into text without cutting a character that spans two tokens. */
export interface TokenStream {
  /** Adds tokens; returns the text that became certain. */
  push(...tokens: number[]): string;
  /** What is left at the end: U+FFFD for an unfinished character. */
  end(): string;
}
