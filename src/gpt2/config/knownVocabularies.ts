import { isFimName } from "../../tokenizer/byteLevel/names";

/** A vocabulary of OpenAI's, and tokens that tell it from others of the same kind. */
interface KnownVocabulary {
  readonly name: string;
  /** Tokens, special ones included. */
  readonly size: number;
  readonly tokens: readonly (readonly [id: number, text: string])[];
}

/** Tokens of GPT-2 from all over its 50,257; `p50k_edit` begins with the same. */
const openAi: KnownVocabulary["tokens"] = [
  [0, "!"],
  [13, "."],
  [262, "Ġthe"],
  [1000, "ale"],
  [15496, "Hello"],
  [30000, "ĠMineral"],
  [50256, "<|endoftext|>"],
];

/** Tokens that OpenAI's vocabularies have in common. */
export const openAiTokens = 50257;

/** The more particular one comes first. */
const vocabularies: readonly KnownVocabulary[] = [
  {
    name: "p50k_edit",
    size: 50284,
    tokens: [...openAi, [50257, "ĠĠ"], [50281, "<|fim_prefix|>"]],
  },
  { name: "gpt2", size: openAiTokens, tokens: openAi },
];

/** What a file has besides the tokens that are looked for. */
export interface OtherTokens {
  /** How many ordinary tokens it has. */
  readonly tokens: number;
  readonly added: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

/**
 * The vocabulary that a model's files hold, by a few of its tokens: two can have the same size and share nothing. One with further tokens
 * that text is encoded with, or that fill in, is not that vocabulary; padding and the like make no difference.
 * @param holds whether the id stands for the token (in GPT-2's letters for bytes)
 */
export function knownVocabulary(
  holds: (id: number, text: string) => boolean,
  { tokens: count, added }: OtherTokens,
): string | undefined {
  return vocabularies.find(
    ({ size, tokens }) =>
      count <= size &&
      tokens.every(([id, text]) => holds(id, text)) &&
      added.every(({ id, content, special }) => id < size || (special && !isFimName(content))),
  )?.name;
}
