import ranks from "gpt-tokenizer/bpeRanks/p50k_base";
import { type ModelVocabulary, UnusableVocabulary } from "./byteLevel/definition";
import { checkDefinition, definedTokenizer } from "./byteLevel/definedTokenizer";
import { openAiTokenizer } from "./openAiTokenizer";
import { TokenIds } from "./tokenIds";
import type { FimTokens, Tokenizer } from "./tokenizer";
import type { TokenTable } from "./vocabulary";

/** The part of a model's config that says how its ids were made. */
export interface VocabularyConfig {
  /** What the model's file says of its tokenizer, if it does. */
  readonly tokenizer: string | undefined;
  /** Rows of the token embedding. */
  readonly vocabSize: number;
  /** The id that ends a text, in a vocabulary that is not known. */
  readonly endOfText?: number;
}

interface KnownVocabulary {
  readonly name: string;
  /** What files call it. */
  readonly aliases: readonly string[];
  /** Tokens, special ones included. */
  readonly size: number;
  /** Whether a model with so many rows has this vocabulary, if its files say nothing. */
  readonly hasRows: (rows: number) => boolean;
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
    // Fine-tunes add a few tokens for padding and the like; some programs round up to a multiple of 64 or 128.
    hasRows: (rows) => rows >= 50257 && rows <= 50432 && rows !== 50284,
    ordinary: endOfText,
    fim: undefined,
  },
  {
    name: "p50k_edit",
    aliases: ["p50k_edit"],
    size: 50284,
    hasRows: (rows) => rows === 50284,
    ordinary: 50281,
    fim: { prefix: 50281, middle: 50282, suffix: 50283 },
  },
];

/**
 * The tokenizer of a model: with the vocabulary that its files hold, else by the name that its file gives, else by the rows of its
 * embedding. Takes tens of milliseconds, so it is for whoever loads the model, never for an editor's activation.
 * @returns for a vocabulary that cannot be used, a tokenizer that has token ids only and refuses text
 */
export function tokenizerFor(config: VocabularyConfig, vocabulary?: ModelVocabulary): Tokenizer {
  const { tokenizer, vocabSize } = config;
  const problem = vocabularyProblem(config, vocabulary);
  const known = vocabularyOf(config);
  if (problem === undefined && vocabulary?.kind === "bytePairs") {
    return definedTokenizer(vocabulary.name, vocabulary.definition, vocabSize);
  }
  if (problem === undefined && known !== undefined) {
    const { name, ordinary, fim } = known;
    return openAiTokenizer({ name, ordinary: tableUpTo(ordinary), endOfText, fim, vocabSize });
  }
  const name = vocabulary?.kind === "bytePairs" ? vocabulary.name : tokenizer;
  return new TokenIds(name ?? "unknown", vocabSize, config.endOfText ?? endOfText, problem ?? refusal(config));
}

/** Why a model cannot be given text, in sentences for a person; undefined when it can. Builds no tokenizer. */
export function vocabularyProblem(config: VocabularyConfig, vocabulary?: ModelVocabulary): string | undefined {
  if (vocabulary === undefined) return vocabularyOf(config) === undefined ? refusal(config) : undefined;
  if (vocabulary.kind === "unusable") return unusable(vocabulary.problem);
  try {
    checkDefinition(vocabulary.definition, config.vocabSize);
    return undefined;
  } catch (error) {
    if (!(error instanceof UnusableVocabulary)) throw error;
    return unusable(error.message);
  }
}

function unusable(problem: string): string {
  return withoutText(`The model's vocabulary cannot be used: ${problem}.`);
}

function vocabularyOf({ tokenizer, vocabSize }: VocabularyConfig): KnownVocabulary | undefined {
  const named = known.find(({ aliases, hasRows }) =>
    tokenizer === undefined ? hasRows(vocabSize) : aliases.includes(tokenizer.toLowerCase()),
  );
  return named !== undefined && vocabSize >= named.size ? named : undefined;
}

function refusal({ tokenizer, vocabSize }: VocabularyConfig): string {
  const found = tokenizer === undefined ? "an unnamed one" : `"${tokenizer}"`;
  const supported = known.map(({ name, size }) => `${name} (${size} tokens)`).join(" and ");
  return withoutText(
    `The model's files do not hold its vocabulary, ${found} with ${vocabSize} tokens. Known without files are ${supported}; ` +
      "for others put the model's tokenizer.json, or vocab.json and merges.txt, beside its weights.",
  );
}

function withoutText(why: string): string {
  return `${why} The model takes token ids but no text.`;
}

/** `p50k` is GPT-2's vocabulary (`r50k`) followed by runs of spaces, so one table serves both. */
function tableUpTo(end: number): TokenTable {
  return end < ranks.length ? ranks.slice(0, end) : ranks;
}
