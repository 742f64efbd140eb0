import { BytePairEncodingCore } from "gpt-tokenizer/BytePairEncodingCore";
import { SPLIT_PATTERN } from "./splitPattern";
import type { FimTokens, PreToken, Tokenizer } from "./tokenizer";
import { Vocabulary, type TokenTable } from "./vocabulary";

/** The most pre-tokens whose tokens are cached: a few MB. */
const CACHE_SIZE = 20_000;

/** A byte-pair vocabulary. */
export interface BytePairOptions {
  readonly name: string;
  /** The ordinary tokens; an id is also the rank of its merge. */
  readonly ordinary: TokenTable;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
  /** Rows of the model's embedding table, at least as many as there are tokens. */
  readonly vocabSize: number;
}

/** GPT-2's byte-level byte-pair encoding, with the merges of `gpt-tokenizer`. */
export class BytePairTokenizer implements Tokenizer {
  readonly name: string;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
  readonly vocabSize: number;
  readonly #vocabulary: Vocabulary;
  readonly #core: BytePairEncodingCore;
  readonly #cache = new Map<string, readonly number[]>();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor({ name, ordinary, endOfText, fim, vocabSize }: BytePairOptions) {
    this.name = name;
    this.endOfText = endOfText;
    this.fim = fim;
    this.vocabSize = vocabSize;
    const special = new Map([["<|endoftext|>", endOfText]]);
    if (fim !== undefined) {
      special.set("<|fim_prefix|>", fim.prefix).set("<|fim_middle|>", fim.middle).set("<|fim_suffix|>", fim.suffix);
    }
    this.#vocabulary = new Vocabulary(ordinary, special, vocabSize);
    this.#core = new BytePairEncodingCore({
      bytePairRankDecoder: ordinary as (string | readonly number[])[],
      // The core is never allowed to produce these; it only looks for them faster than for none.
      specialTokensEncoder: special,
      tokenSplitRegex: SPLIT_PATTERN,
      mergeCacheSize: 0,
    });
  }

  encode(text: string): number[] {
    const tokens: number[] = [];
    for (const preToken of this.preTokens(text)) tokens.push(...preToken.tokens);
    return tokens;
  }

  *preTokens(text: string, from = 0): Generator<PreToken> {
    const pattern = new RegExp(SPLIT_PATTERN);
    pattern.lastIndex = from;
    for (const match of text.matchAll(pattern)) {
      yield { end: match.index + match[0].length, tokens: this.#encodePreToken(match[0]) };
    }
  }

  #encodePreToken(text: string): readonly number[] {
    const known = this.#cache.get(text);
    if (known !== undefined) return known;
    const tokens = this.#core.encodeNative(text);
    if (this.#cache.size === CACHE_SIZE) this.#cache.clear();
    this.#cache.set(detached(text), tokens);
    return tokens;
  }

  decode(tokens: readonly number[]): string {
    const parts = tokens.map((token) => this.#vocabulary.bytes(token));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let end = 0;
    for (const part of parts) {
      bytes.set(part, end);
      end += part.length;
    }
    return this.#decoder.decode(bytes);
  }

  bytes(token: number): Uint8Array {
    return this.#vocabulary.bytes(token);
  }

  isSpecial(token: number): boolean {
    return this.#vocabulary.isSpecial(token);
  }

  tokensStartingWith(prefix: Uint8Array): Uint32Array {
    return this.#vocabulary.startingWith(prefix);
  }

  tokensAgreeingWith(wanted: Uint8Array): Uint32Array {
    return this.#vocabulary.agreeingWith(wanted);
  }
}

/** A copy of the text: a substring may keep the whole string alive, and a cache of those would keep whole documents. */
function detached(text: string): string {
  return ` ${text}`.slice(1);
}
