import { ServerError } from "../errors";

/** How a family of models is asked for the text between two others. */
export interface FimTemplate {
  /** With `{prefix}` and `{suffix}`. */
  readonly text: string;
  /** Without a suffix; `{prefix}` unless given. */
  readonly withoutSuffix?: string;
  /** The family's special tokens: the text of a document that contains one is cut there. They also end an answer. */
  readonly tokens: readonly string[];
}

interface Family extends FimTemplate {
  /** Recognizes the model's name. */
  readonly models: RegExp;
}

/** The layout of StarCoder with the suffix first, as half of its training data had it ("SPM"; Li et al. 2023, 2305.06161). */
const starCoder = {
  text: "<fim_prefix><fim_suffix>{suffix}<fim_middle>{prefix}",
  tokens: ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<|endoftext|>", "<file_sep>", "<repo_name>"],
};

/** The layout of Qwen's technical report (2409.12186), which Granite and CodeGemma share. */
const qwen = {
  text: "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
  tokens: [
    ...["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"],
    ...["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
  ],
};

/**
 * The layouts that the families' authors describe. Where a family was trained with the suffix first, that layout is used: a keystroke then
 * appends to the prompt, and the server's cache of its prefix stays valid. The first family whose pattern matches counts.
 */
const families: Readonly<Record<string, Family>> = {
  "gpt2-code": {
    models: /gpt2-code/i,
    text: "<|endoftext|><|fim_prefix|><|fim_suffix|>{suffix}<|fim_middle|>{prefix}",
    withoutSuffix: "<|endoftext|>{prefix}",
    tokens: ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
  },
  santacoder: {
    models: /santacoder/i,
    text: "<fim-prefix><fim-suffix>{suffix}<fim-middle>{prefix}",
    tokens: ["<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<fim-pad>", "<|endoftext|>"],
  },
  starcoder: { models: /starcoder|stable-?code|gpt_?bigcode|granite.*code/i, ...starCoder },
  granite: { models: /granite/i, ...qwen },
  codellama: {
    models: /code-?llama/i,
    text: "<PRE> <SUF>{suffix} <MID> {prefix}",
    tokens: ["<PRE>", "<SUF>", "<MID>", "<EOT>"],
  },
  deepseek: {
    models: /deepseek/i,
    text: "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",
    tokens: ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>", "<|EOT|>"],
  },
  codestral: {
    models: /codestral|devstral/i,
    text: "[SUFFIX]{suffix}[PREFIX]{prefix}",
    tokens: ["[SUFFIX]", "[PREFIX]", "[MIDDLE]", "</s>"],
  },
  codegemma: {
    models: /code-?gemma/i,
    ...qwen,
    tokens: [...qwen.tokens, "<|file_separator|>", "<end_of_turn>"],
  },
  qwen: { models: /qwen.*coder|codeqwen|qwen/i, ...qwen },
};

export const familyNames: readonly string[] = Object.keys(families);

/** The template for a model, by its name or path; undefined for a family that is not known. */
export function templateForModel(model: string): FimTemplate | undefined {
  return Object.values(families).find(({ models }) => models.test(model));
}

/**
 * The template that a setting names: a family, or a template of one's own with `{prefix}` and `{suffix}`.
 * @throws ServerError for what is neither
 */
export function templateForSetting(setting: string): FimTemplate {
  const family = families[setting];
  if (family) return family;
  if (setting.includes("{prefix}") && setting.includes("{suffix}")) {
    const parts = setting.split(/\{prefix\}|\{suffix\}/).map((part) => part.trim());
    return { text: setting, tokens: parts.filter((part) => part.length > 1) };
  }
  throw new ServerError(
    "settings",
    `The setting gpt2.server.template must be auto, none, infill, ${familyNames.join(", ")}, or contain {prefix} and {suffix}.`,
  );
}
