import ranks from "gpt-tokenizer/bpeRanks/p50k_base";
import { ModelFileError } from "../formats/errors";
import { BytePairTokenizer } from "./bytePairTokenizer";
import type { FimTokens, Tokenizer } from "./tokenizer";
import type { TokenTable } from "./vocabulary";

/** The part of a model's config that says how its ids were made. */
export interface VocabularyConfig {
  /** What the model's file says of its tokenizer, if it does. */
  readonly tokenizer: string | undefined;
  /** Rows of the token embedding. */
  readonly vocabSize: number;
}

interface KnownVocabulary {
  readonly name: string;
  /** What files call it. */
  readonly aliases: readonly string[];
  /** Tokens, special ones included. */
  readonly size: number;
  /** Rows by which a model is recognised that does not say what its tokenizer is: the size, with or without usual padding. */
  readonly usualRows: readonly number[];
  /** Ids from here on are not ordinary tokens. */
  readonly ordinary: number;
  readonly fim: FimTokens | undefined;
}

const endOfText = 50256;

const known: readonly KnownVocabulary[] = [
  {
    name: "gpt2",
    aliases: ["gpt2", "gpt-2", "r50k_base"],
    size: 50257,
    // nanoGPT rounds up to a multiple of 64.
    usualRows: [50257, 50304],
    ordinary: endOfText,
    fim: undefined,
  },
  {
    name: "p50k_edit",
    aliases: ["p50k_edit"],
    size: 50284,
    usualRows: [50284],
    ordinary: 50281,
    fim: { prefix: 50281, middle: 50282, suffix: 50283 },
  },
];

/**
 * The tokenizer of a model: by the name that its file gives, else by the rows of its embedding. Takes tens of milliseconds, so it is
 * for whoever loads the model, never for an editor's activation.
 * @throws ModelFileError when the vocabulary is not one of those that are supported.
 */
export function tokenizerFor({ tokenizer, vocabSize }: VocabularyConfig): Tokenizer {
  const vocabulary = known.find(({ aliases, usualRows }) =>
    tokenizer === undefined ? usualRows.includes(vocabSize) : aliases.includes(tokenizer.toLowerCase()),
  );
  if (vocabulary === undefined || vocabSize < vocabulary.size) {
    const found = tokenizer === undefined ? "an unnamed one" : `"${tokenizer}"`;
    const supported = known.map(({ name, size }) => `${name} (${size} tokens)`).join(" and ");
    throw new ModelFileError(
      `The model's vocabulary, ${found} with ${vocabSize} tokens, is not supported. Supported are ${supported}.`,
    );
  }
  const { name, ordinary, fim } = vocabulary;
  return new BytePairTokenizer({ name, ordinary: tableUpTo(ordinary), endOfText, fim, vocabSize });
}

/** `p50k` is GPT-2's vocabulary (`r50k`) with runs of spaces behind it, so one table serves both. */
function tableUpTo(end: number): TokenTable {
  return end < ranks.length ? ranks.slice(0, end) : ranks;
}
