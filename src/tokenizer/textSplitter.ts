import { cut, type SplitExpression } from "./cut";
import { PRE_TOKEN_LOOKAHEAD } from "./tokenizer";

/** A token that a text is cut at, before anything else. */
export interface TextToken {
  readonly id: number;
  readonly content: string;
  /** Takes the white space before it, or after it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

/** A part of a text that is encoded on its own: pieces whose bytes are merged, or a token as a whole. */
export interface TextUnit {
  /** Where it ends in the text, in UTF-16 units. */
  readonly end: number;
  readonly pieces: readonly string[] | number;
}

/** Cuts a text into the pieces that byte-pair merges never cross. */
export class TextSplitter {
  readonly #first: SplitExpression;
  readonly #others: readonly SplitExpression[];
  readonly #tokens: ReadonlyMap<string, TextToken>;
  /** Matches one of the tokens, the longest first. */
  readonly #token: RegExp | undefined;
  /** As {@link Tokenizer.lookahead}. */
  readonly lookahead: number;

  /**
   * @param expressions each cuts the pieces of the one before into its matches and what is between them
   * @param tokens that a text is cut at first
   */
  constructor(expressions: readonly SplitExpression[], tokens: readonly TextToken[] = []) {
    const [first = { expression: /[^]+/gu, isLinear: true }, ...others] = expressions;
    this.#first = first;
    this.#others = others;
    const found = tokens.filter(({ content }) => content !== "");
    this.#tokens = new Map(found.map((token) => [token.content, token]));
    const contents = [...this.#tokens.keys()].sort((a, b) => b.length - a.length);
    this.#token = contents.length === 0 ? undefined : new RegExp(contents.map(escaped).join("|"), "gu");
    this.lookahead = Math.max(PRE_TOKEN_LOOKAHEAD, contents[0]?.length ?? 0);
  }

  /** The units of `text` from the boundary `from` on, lazily. */
  *units(text: string, from = 0): Generator<TextUnit> {
    for (let start = from; start < text.length;) {
      const found = this.#nextToken(text, start);
      if (found === undefined) {
        yield* this.#split(start === 0 ? text : text.slice(start), start);
        return;
      }
      if (found.start > start) yield* this.#split(text.slice(start, found.start), start);
      yield { end: found.end, pieces: found.id };
      start = found.end;
    }
  }

  /** The next token in a text, with the white space that belongs to it. */
  #nextToken(text: string, from: number): { id: number; start: number; end: number } | undefined {
    if (this.#token === undefined) return undefined;
    this.#token.lastIndex = from;
    const match = this.#token.exec(text);
    const token = match && this.#tokens.get(match[0]);
    if (!token) return undefined;
    let [start, end] = [match.index, match.index + match[0].length];
    while (token.lstrip && start > from && isWhiteSpace(text[start - 1])) start--;
    while (token.rstrip && end < text.length && isWhiteSpace(text[end])) end++;
    return { id: token.id, start, end };
  }

  /** @param offset where the text begins in the whole one */
  *#split(text: string, offset: number): Generator<TextUnit> {
    for (const { content, end } of cut(text, this.#first)) {
      // Digits one by one need no further cuts.
      yield { end: offset + end, pieces: content.length === 1 ? [content] : this.#cutFurther(content) };
    }
  }

  #cutFurther(piece: string): readonly string[] {
    let pieces: readonly string[] = [piece];
    for (const expression of this.#others) {
      pieces = pieces.flatMap((part) => Array.from(cut(part, expression), ({ content }) => content));
    }
    return pieces;
  }
}

function isWhiteSpace(unit: string | undefined): boolean {
  return unit !== undefined && /\p{White_Space}/u.test(unit);
}

function escaped(text: string): string {
  return text.replace(/[\^$\\.*+?()[\]{}|/-]/g, "\\$&");
}
