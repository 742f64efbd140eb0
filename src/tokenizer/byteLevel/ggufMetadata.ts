import { StringList } from "../../formats/gguf/header";
import { assemble } from "./assemble";
import { type AddedToken, UnusableVocabulary, type VocabularyDefinition } from "./definition";
import { parseJsonObject } from "../../formats/json";
import { splitNamed } from "./knownSplits";
import type { StatedRoles } from "./names";
import { tokenizerJson } from "./tokenizerJson";

/** llama.cpp's kinds of tokens (`llama_token_type`). */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/**
 * Reads the vocabulary in the metadata of a GGUF file.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 * @param architecture of the model, which decides how text is split in files from before `tokenizer.ggml.pre`
 * @throws UnusableVocabulary when it is not byte-level BPE, or is split in a way that is not known
 */
export function ggufMetadata(metadata: ReadonlyMap<string, unknown>, architecture: string): VocabularyDefinition {
  const whole = metadata.get(huggingFaceKey);
  return typeof whole === "string" ? fromTokenizerJson(whole, metadata) : fromLists(metadata, architecture);
}

/** A whole `tokenizer.json`, for vocabularies that the other keys cannot describe. */
export const huggingFaceKey = "tokenizer.huggingface.json";

/** A vocabulary of 250,000 tokens with its merges has some 20 MB. */
const jsonLimits = { bytes: 64 << 20, values: 2_000_000 };

function fromTokenizerJson(text: string, metadata: ReadonlyMap<string, unknown>): VocabularyDefinition {
  return tokenizerJson(parseJsonObject(new TextEncoder().encode(text), huggingFaceKey, jsonLimits), statedIn(metadata));
}

function fromLists(metadata: ReadonlyMap<string, unknown>, architecture: string): VocabularyDefinition {
  const value = (key: string) => metadata.get(`tokenizer.ggml.${key}`);
  const [tokens, merges, types] = [value("tokens"), value("merges"), value("token_type")];
  const model = value("model");
  if (model !== "gpt2")
    throw new UnusableVocabulary(`it is of the kind ${JSON.stringify(model)}, not "gpt2" (byte-level BPE)`);
  if (!(tokens instanceof StringList) || !(merges instanceof StringList)) {
    throw new UnusableVocabulary("it has no tokens or no merges");
  }
  const pre = value("pre") ?? (architecture === "starcoder" ? "starcoder" : "gpt-2");
  const split = typeof pre === "string" ? splitNamed(pre) : undefined;
  if (split === undefined)
    throw new UnusableVocabulary(`the way its text is split, ${JSON.stringify(pre)}, is not known`);
  const typeOf = (id: number) => (types instanceof Int32Array ? types[id] : undefined) ?? tokenTypes.normal;
  const all = [...tokens];
  return assemble({
    tokens: entries(all, (id) => typeOf(id) !== tokenTypes.unused),
    merges: pairs(merges),
    added: all.flatMap((content, id): AddedToken[] => {
      const type = typeOf(id);
      const isSpecial = type === tokenTypes.control || type === tokenTypes.unknown;
      if (!isSpecial && type !== tokenTypes.userDefined) return [];
      return [{ id, content, special: isSpecial, lstrip: false, rstrip: false }];
    }),
    split: { normalization: [], addsPrefixSpace: false, patterns: split.patterns },
    ignoresMerges: split.ignoresMerges ?? false,
    stated: statedIn(metadata),
  });
}

function statedIn(metadata: ReadonlyMap<string, unknown>): StatedRoles {
  const id = (key: string) => number(metadata.get(`tokenizer.ggml.${key}`));
  return { startOfText: id("bos_token_id"), endOfText: id("eos_token_id"), fim: fimTokens(id) };
}

function* entries(tokens: readonly string[], isUsed: (id: number) => boolean): Generator<readonly [string, number]> {
  for (const [id, token] of tokens.entries()) if (isUsed(id)) yield [token, id];
}

function* pairs(merges: StringList): Generator<readonly [string, string]> {
  for (const merge of merges) {
    // A token may begin with a space, so the first one does not count.
    const space = merge.indexOf(" ", 1);
    if (space === -1) throw new UnusableVocabulary(`its merge ${JSON.stringify(merge)} is not two tokens`);
    yield [merge.slice(0, space), merge.slice(space + 1)];
  }
}

/** The tokens for filling in, by today's keys or by those from before. */
function fimTokens(id: (key: string) => number | undefined) {
  const prefix = id("fim_pre_token_id") ?? id("prefix_token_id");
  const middle = id("fim_mid_token_id") ?? id("middle_token_id");
  const suffix = id("fim_suf_token_id") ?? id("suffix_token_id");
  return {
    ...(prefix !== undefined && { prefix }),
    ...(middle !== undefined && { middle }),
    ...(suffix !== undefined && { suffix }),
  };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
