/** GPT-2's own pattern, from encoder.py of github.com/openai/gpt-2. It matches every text without gaps. */
export const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Digits one by one. */
export const digitPattern = "\\p{N}";

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const withWords = (digits: string) =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const capitalized = (end: string, digits: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${end}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${end}|\\p{N}${digits}` +
  "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const clauses = " ?[^(\\s|.,!?…。，、।۔،)]+";

/** A way to split text that GGUF files name. */
interface KnownSplit {
  /** Values of `tokenizer.ggml.pre`; converted files get the first. */
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  readonly ignoresMerges?: true;
}

/** The names that llama.cpp gives to byte-level vocabularies, and their patterns. Source: `llm_tokenizer_bpe` in llama-vocab.cpp. */
const knownSplits: readonly KnownSplit[] = [
  {
    names: [
      ...["gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum"],
      ...["modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "mpt", "olmo", "jais", "trillion", "exaone4"],
      "granite-docling",
    ],
    patterns: [gpt2Pattern],
  },
  {
    names: ["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b"],
    patterns: [digitPattern, gpt2Pattern],
  },
  { names: ["default"], patterns: ["[\\p{P}\\$\\+<=>\\^~\\|]+", gpt2Pattern, "\\p{N}+", "[0-9][0-9][0-9]"] },
  { names: ["falcon"], patterns: ["[\\p{P}\\$\\+<=>\\^~\\|`]+", gpt2Pattern, "[0-9][0-9][0-9]"] },
  {
    names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
    patterns: [withWords("{1,3}")],
    ignoresMerges: true,
  },
  { names: ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], patterns: [withWords("{1,3}")] },
  {
    names: ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "hunyuan", "megrez", "solar-open", "grok-2"],
    patterns: [withWords("")],
  },
  { names: ["bloom", "poro-chat", "gpt3-finnish"], patterns: [clauses] },
  { names: ["viking"], patterns: [clauses, digitPattern] },
  {
    names: ["deepseek-coder"],
    patterns: ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", digitPattern],
  },
  { names: ["tekken"], patterns: [capitalized("", "")], ignoresMerges: true },
  {
    names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
    patterns: [capitalized(`${contractions}?`, "{1,3}")],
  },
];

/** How text is split, by a name in GGUF. */
export function splitNamed(name: string): KnownSplit | undefined {
  return knownSplits.find(({ names }) => names.includes(name));
}

/** Whether a pattern is one of these. What one of its alternatives looks at in vain, the next one matches. */
export function isKnownPattern(pattern: string): boolean {
  return knownSplits.some(({ patterns }) => patterns.includes(pattern));
}

/** GGUF's name for a way to split text; undefined when it has none. */
export function nameOfSplit(patterns: readonly string[], ignoresMerges: boolean): string | undefined {
  const same = knownSplits.find(
    (known) => known.patterns.join("\n") === patterns.join("\n") && (known.ignoresMerges ?? false) === ignoresMerges,
  );
  return same?.names[0];
}
