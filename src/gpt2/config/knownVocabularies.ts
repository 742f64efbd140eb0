/** A vocabulary of OpenAI's, and tokens that tell it from others of the same kind. */
interface KnownVocabulary {
  readonly name: string;
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

/** The more particular one comes first. */
const vocabularies: readonly KnownVocabulary[] = [
  {
    name: "p50k_edit",
    tokens: [...openAi, [50257, "ĠĠ"], [50281, "<|fim_prefix|>"]],
  },
  { name: "gpt2", tokens: openAi },
];

/**
 * The vocabulary that a model's files hold, by a few of its tokens: two can have the same size and share nothing.
 * @param holds whether the id stands for the token (in GPT-2's letters for bytes)
 */
export function knownVocabulary(holds: (id: number, text: string) => boolean): string | undefined {
  return vocabularies.find(({ tokens }) => tokens.every(([id, text]) => holds(id, text)))?.name;
}
