import type { TypedValue } from "../src/formats/gguf/write";
import type { VocabularyDefinition } from "../src/tokenizer/byteLevel/definition";
import { huggingFaceKey, tokenTypes } from "../src/tokenizer/byteLevel/ggufMetadata";
import { gpt2Pattern, nameOfSplit } from "../src/tokenizer/byteLevel/knownSplits";

/**
 * A vocabulary that a model brought as the metadata of a GGUF file. What the keys of llama.cpp cannot describe is written as a
 * `tokenizer.json` besides, which we read first; llama.cpp then warns that it does not know how text is split.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 * @param vocabSize rows of the model's embedding table; those without a token become padding
 */
export function definedVocabulary(
  definition: VocabularyDefinition,
  vocabSize: number,
): ReadonlyMap<string, TypedValue> {
  const { tokens, merges, added, split, ignoresMerges, startOfText, endOfText, fim } = definition;
  const addedById = new Map(added.map((token) => [token.id, token]));
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  const typeOf = (id: number) => {
    const token = addedById.get(id);
    if (token !== undefined) return token.special ? tokenTypes.control : tokenTypes.userDefined;
    return tokens[id] === undefined ? tokenTypes.unused : tokenTypes.normal;
  };
  const names = ids.map((id) => addedById.get(id)?.content ?? tokens[id] ?? `[PAD${id}]`);
  const pre = nameOfSplit(split.patterns, ignoresMerges);
  const values = new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.tokens", { type: "string[]", value: names }],
    ["tokenizer.ggml.token_type", { type: "i32[]", value: ids.map(typeOf) }],
    ["tokenizer.ggml.merges", { type: "string[]", value: mergeParts(merges, names).map((parts) => parts.join(" ")) }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: startOfText }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: endOfText }],
  ]);
  if (pre !== undefined) values.set("tokenizer.ggml.pre", { type: "string", value: pre });
  if (fim !== undefined) {
    values.set("tokenizer.ggml.fim_pre_token_id", { type: "u32", value: fim.prefix });
    values.set("tokenizer.ggml.fim_suf_token_id", { type: "u32", value: fim.suffix });
    values.set("tokenizer.ggml.fim_mid_token_id", { type: "u32", value: fim.middle });
  }
  if (pre === undefined || !isPlain(definition)) {
    values.set(huggingFaceKey, { type: "string", value: JSON.stringify(tokenizerJsonOf(definition)) });
  }
  return values;
}

/** The names of the two tokens that each merge joins, by rank. */
function mergeParts(merges: Int32Array, names: readonly (string | undefined)[]): [left: string, right: string][] {
  const name = (index: number) => names[merges[index] ?? 0] ?? "";
  return Array.from({ length: merges.length / 3 }, (_, rank) => [name(3 * rank), name(3 * rank + 1)]);
}

/** Whether llama.cpp's keys describe everything but the way to split text. */
function isPlain({ split, added, unknown }: VocabularyDefinition): boolean {
  const strips = added.some(({ special, lstrip, rstrip }) => !special && (lstrip || rstrip));
  return split.normalization.length === 0 && !split.addsPrefixSpace && unknown === undefined && !strips;
}

/** The `tokenizer.json` of a vocabulary. */
function tokenizerJsonOf({ tokens, merges, added, split, ignoresMerges, unknown }: VocabularyDefinition): object {
  const names = [...tokens];
  for (const { id, content } of added) names[id] ??= content;
  const splitsAsGpt2 = split.patterns.join() === gpt2Pattern;
  const stages = splitsAsGpt2
    ? []
    : split.patterns.map((Regex) => ({ type: "Split", pattern: { Regex }, ...isolated }));
  const byteLevel = { type: "ByteLevel", add_prefix_space: split.addsPrefixSpace, use_regex: splitsAsGpt2 };
  return {
    added_tokens: added.map((token) => ({ ...token, single_word: false, normalized: false })),
    normalizer: { type: "Sequence", normalizers: split.normalization.map((type) => ({ type })) },
    pre_tokenizer: { type: "Sequence", pretokenizers: [...stages, byteLevel] },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(names.flatMap((token, id) => (token === undefined ? [] : [[token, id] as const]))),
      merges: mergeParts(merges, names),
      ignore_merges: ignoresMerges,
      unk_token: unknown === undefined ? null : (names[unknown.token] ?? null),
      fuse_unk: unknown?.fused ?? false,
    },
  };
}

const isolated = { behavior: "Isolated", invert: false };
