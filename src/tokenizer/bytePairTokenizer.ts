import type { FimTokens, PreToken, Tokenizer } from "./tokenizer";
import type { TextSplitter } from "./textSplitter";
import type { Vocabulary } from "./vocabulary";

/** The most pre-tokens whose tokens are cached, a few MB, and the UTF-16 units that each may have. */
const cacheSize = 20_000;
const longestCached = 256;

/** A byte-pair vocabulary, and how text is encoded with it. */
export interface BytePairOptions {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly startOfText?: number;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
  readonly splitter: TextSplitter;
  /** The tokens of a piece of text that merges do not cross. */
  readonly merge: (piece: string) => readonly number[];
  readonly normalize?: (text: string) => string;
}

/** Byte-level byte-pair encoding, with any vocabulary. */
export class BytePairTokenizer implements Tokenizer {
  readonly name: string;
  readonly startOfText: number;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
  readonly vocabSize: number;
  readonly lookahead: number;
  readonly #options: BytePairOptions;
  readonly #vocabulary: Vocabulary;
  readonly #cache = new Map<string, readonly number[]>();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(options: BytePairOptions) {
    const { name, vocabulary, endOfText, startOfText = endOfText, fim, splitter } = options;
    this.name = name;
    this.startOfText = startOfText;
    this.endOfText = endOfText;
    this.fim = fim;
    this.vocabSize = vocabulary.size;
    this.lookahead = splitter.lookahead;
    this.#vocabulary = vocabulary;
    this.#options = options;
  }

  normalize(text: string): string {
    return this.#options.normalize?.(text) ?? text;
  }

  encode(text: string): number[] {
    const tokens: number[] = [];
    // Not `push(...)`: a piece may have more tokens than a call may have arguments.
    for (const preToken of this.preTokens(this.normalize(text)))
      for (const token of preToken.tokens) tokens.push(token);
    return tokens;
  }

  *preTokens(text: string, from = 0): Generator<PreToken> {
    for (const { end, pieces } of this.#options.splitter.units(text, from)) {
      if (typeof pieces === "number") yield { end, tokens: [pieces] };
      else if (pieces.length === 1) yield { end, tokens: this.#encodePiece(pieces[0] ?? "") };
      else yield { end, tokens: pieces.flatMap((piece) => this.#encodePiece(piece)) };
    }
  }

  #encodePiece(piece: string): readonly number[] {
    const known = this.#cache.get(piece);
    if (known !== undefined) return known;
    const tokens = this.#options.merge(piece);
    if (piece.length > longestCached) return tokens;
    if (this.#cache.size === cacheSize) this.#cache.clear();
    this.#cache.set(detached(piece), tokens);
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
