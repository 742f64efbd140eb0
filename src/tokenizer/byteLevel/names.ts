import type { FimTokens } from "../tokenizer";

/** What families of models call the same tokens: GPT-2 and Qwen, StarCoder, SantaCoder, Code Llama, DeepSeek, CodeGemma. */
const fimNames = {
  prefix: ["<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<PRE>", "<｜fim▁begin｜>", "<|code_prefix|>"],
  suffix: ["<|fim_suffix|>", "<fim_suffix>", "<fim-suffix>", "<SUF>", "<｜fim▁hole｜>", "<|code_suffix|>"],
  middle: ["<|fim_middle|>", "<fim_middle>", "<fim-middle>", "<MID>", "<｜fim▁end｜>", "<|code_middle|>"],
} as const;

const endNames = ["<|endoftext|>", "</s>", "<|end_of_text|>", "<|end|>", "<eos>", "<EOS>", "[EOS]", "<endoftext>"];

/** The tokens that begin and end a text, and those for filling in, by the names of the tokens of a vocabulary. */
export interface TokenRoles {
  readonly startOfText: number;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
}

/** What a model's files say of the roles of tokens, by id. */
export interface StatedRoles {
  readonly startOfText?: number | undefined;
  readonly endOfText?: number | undefined;
  readonly fim?: Partial<FimTokens>;
}

/**
 * @param stated what the files say; ids that no token has are passed over
 * @param idOf the id of a token by its name
 * @param size one more than the largest id
 */
export function tokenRoles(stated: StatedRoles, idOf: (name: string) => number | undefined, size: number): TokenRoles {
  const valid = (id: number | undefined) =>
    id !== undefined && Number.isInteger(id) && id >= 0 && id < size ? id : undefined;
  const first = (names: readonly string[]) => names.map(idOf).find((id) => id !== undefined);
  // A vocabulary without an end of text has none that could be chosen by mistake: the last id is the rarest.
  const endOfText = valid(stated.endOfText) ?? first(endNames) ?? valid(stated.startOfText) ?? size - 1;
  const prefix = valid(stated.fim?.prefix) ?? first(fimNames.prefix);
  const middle = valid(stated.fim?.middle) ?? first(fimNames.middle);
  const suffix = valid(stated.fim?.suffix) ?? first(fimNames.suffix);
  const hasFim = prefix !== undefined && middle !== undefined && suffix !== undefined;
  return {
    startOfText: valid(stated.startOfText) ?? endOfText,
    endOfText,
    fim: hasFim ? { prefix, middle, suffix } : undefined,
  };
}

/** Whether a token of this name is one for filling in the middle. */
export function isFimName(name: string): boolean {
  return Object.values(fimNames).some((names: readonly string[]) => names.includes(name));
}
