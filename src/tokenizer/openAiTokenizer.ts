import { BytePairEncodingCore } from "gpt-tokenizer/BytePairEncodingCore";
import { gpt2Pattern } from "./byteLevel/knownSplits";
import { mergePairs, type PairTable } from "./byteLevel/mergePairs";
import { splitExpression } from "./byteLevel/pattern";
import { BytePairTokenizer } from "./bytePairTokenizer";
import { TextSplitter } from "./textSplitter";
import type { FimTokens } from "./tokenizer";
import { type TokenTable, Vocabulary } from "./vocabulary";

/** Bytes from which on merging by `gpt-tokenizer`, which takes the square of the length, is slower than by a queue. */
const longPiece = 128;

/** One of OpenAI's vocabularies, in which an id is also the rank of a merge. */
export interface OpenAiVocabulary {
  readonly name: string;
  readonly ordinary: TokenTable;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
  /** Rows of the model's embedding table, at least as many as there are tokens. */
  readonly vocabSize: number;
}

/** A tokenizer with the merges of `gpt-tokenizer`. */
export function openAiTokenizer({ name, ordinary, endOfText, fim, vocabSize }: OpenAiVocabulary): BytePairTokenizer {
  const special = new Map([["<|endoftext|>", endOfText]]);
  if (fim !== undefined) {
    special.set("<|fim_prefix|>", fim.prefix).set("<|fim_middle|>", fim.middle).set("<|fim_suffix|>", fim.suffix);
  }
  const vocabulary = new Vocabulary(ordinary, special, vocabSize);
  const core = new BytePairEncodingCore({
    bytePairRankDecoder: ordinary as (string | readonly number[])[],
    // The core is never allowed to produce these; it only looks for them faster than for none.
    specialTokensEncoder: special,
    tokenSplitRegex: /[^]+/gu,
    mergeCacheSize: 0,
  });
  const ranks = ranksOf(vocabulary);
  const byteIds = Array.from({ length: 256 }, (_, byte) => vocabulary.idOf(Uint8Array.of(byte)) ?? 0);
  const merge = (piece: string) => {
    if (piece.length < longPiece) return core.encodeNative(piece);
    return mergePairs(
      Array.from(new TextEncoder().encode(piece), (byte) => byteIds[byte] ?? 0),
      ranks,
    );
  };
  const splitter = new TextSplitter([splitExpression(gpt2Pattern)]);
  return new BytePairTokenizer({ name, vocabulary, endOfText, fim, splitter, merge });
}

/** Pairs whose ranks are remembered, and what is remembered of those without. */
const mostPairs = 100_000;
const none = -1;

/** Two tokens merge if what they are together is a token. */
function ranksOf(vocabulary: Vocabulary): PairTable {
  const known = new Map<number, number>();
  return {
    rank(left, right) {
      const key = left * vocabulary.size + right;
      const before = known.get(key);
      if (before !== undefined) return before === none ? undefined : before;
      const rank = vocabulary.idOf(Uint8Array.of(...vocabulary.bytes(left), ...vocabulary.bytes(right)));
      if (known.size === mostPairs) known.clear();
      known.set(key, rank ?? none);
      return rank;
    },
    result: (rank) => rank,
  };
}
