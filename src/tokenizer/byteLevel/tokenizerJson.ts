import { isJsonObject, type JsonObject } from "../../formats/json";
import { assemble, isId } from "./assemble";
import {
  type AddedToken,
  type SplitDefinition,
  type UnicodeForm,
  UnusableVocabulary,
  type VocabularyDefinition,
} from "./definition";
import { digitPattern, gpt2Pattern } from "./knownSplits";
import type { StatedRoles } from "./names";

/**
 * Reads a `tokenizer.json` of Hugging Face's tokenizers.
 * @param json as it was parsed
 * @param stated what the model's config says of its tokens
 * @throws UnusableVocabulary when it is not byte-level BPE, or has a part that is not supported, naming that
 */
export function tokenizerJson(json: JsonObject, stated: StatedRoles): VocabularyDefinition {
  const model = isJsonObject(json["model"]) ? json["model"] : {};
  const { vocab, merges, unk_token: unknown } = model;
  if ((model["type"] ?? "BPE") !== "BPE") throw new UnusableVocabulary(`its model is ${shown(model["type"])}, not BPE`);
  for (const key of ["continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "dropout"]) {
    if (model[key]) throw new UnusableVocabulary(`its model has ${key}`);
  }
  if (!isJsonObject(vocab)) throw new UnusableVocabulary("it has no tokens");
  return assemble({
    tokens: Object.entries(vocab),
    merges: mergesOf(merges),
    added: addedTokens(json["added_tokens"]),
    split: {
      normalization: normalization(json["normalizer"]),
      ...preTokenizer(json["pre_tokenizer"]),
    },
    ignoresMerges: model["ignore_merges"] === true,
    ...(typeof unknown === "string" && { unknown: { token: unknown, fused: model["fuse_unk"] === true } }),
    stated,
  });
}

/** Merges as pairs, or as texts with a space between the parts. */
function* mergesOf(merges: unknown): Generator<readonly [string, string]> {
  if (!Array.isArray(merges)) throw new UnusableVocabulary("it has no merges");
  for (const merge of merges as unknown[]) {
    const [left, right, more] =
      typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? (merge as unknown[]) : [];
    if (typeof left !== "string" || typeof right !== "string" || more !== undefined) {
      throw new UnusableVocabulary(`its merge ${shown(merge)} is not two tokens`);
    }
    yield [left, right];
  }
}

/** The entries of `added_tokens`. @throws UnusableVocabulary when one makes no sense */
function addedTokens(entries: unknown): AddedToken[] {
  if (entries === undefined || entries === null) return [];
  if (!Array.isArray(entries)) throw new UnusableVocabulary("its added tokens are no list");
  return (entries as unknown[]).map((entry) => addedToken(isJsonObject(entry) ? entry : {}, undefined));
}

/**
 * A token as `added_tokens` and `added_tokens_decoder` describe it.
 * @param id for those that do not give theirs
 */
export function addedToken(entry: JsonObject, id: unknown): AddedToken {
  const { content, special, lstrip, rstrip, single_word: isWord } = entry;
  const ownId = entry["id"] ?? id;
  if (typeof content !== "string" || !isId(ownId)) {
    throw new UnusableVocabulary(`its added token ${shown(entry)} makes no sense`);
  }
  if (isWord === true && special !== true)
    throw new UnusableVocabulary(`its added token ${shown(content)} is single_word`);
  return { id: ownId, content, special: special === true, lstrip: lstrip === true, rstrip: rstrip === true };
}

const forms: readonly unknown[] = ["NFC", "NFD", "NFKC", "NFKD"] satisfies UnicodeForm[];

function normalization(normalizer: unknown): readonly UnicodeForm[] {
  if (!isJsonObject(normalizer)) return [];
  const { type, normalizers } = normalizer;
  if (type === "Sequence" && Array.isArray(normalizers)) return normalizers.flatMap(normalization);
  if (forms.includes(type)) return [type as UnicodeForm];
  throw new UnusableVocabulary(`its normalizer is ${shown(type)}, which is not supported`);
}

function preTokenizer(json: unknown): Pick<SplitDefinition, "patterns" | "addsPrefixSpace"> {
  const patterns: string[] = [];
  let addsPrefixSpace = false;
  let isByteLevel = false;
  for (const stage of stages(json)) {
    if (isByteLevel) throw new UnusableVocabulary(`its pre-tokenizer has ${shown(stage["type"])} after ByteLevel`);
    switch (stage["type"]) {
      case "ByteLevel":
        isByteLevel = true;
        addsPrefixSpace = stage["add_prefix_space"] !== false;
        if (addsPrefixSpace && patterns.length > 0) {
          throw new UnusableVocabulary("its pre-tokenizer adds a space to every piece (add_prefix_space)");
        }
        if (stage["use_regex"] !== false) patterns.push(gpt2Pattern);
        break;
      case "Digits":
        patterns.push(stage["individual_digits"] === true ? digitPattern : `${digitPattern}+`);
        break;
      case "Split":
        patterns.push(splitPattern(stage));
        break;
      default:
        throw new UnusableVocabulary(`its pre-tokenizer is ${shown(stage["type"])}, which is not supported`);
    }
  }
  if (!isByteLevel) throw new UnusableVocabulary("it is not byte-level: its pre-tokenizer has no ByteLevel");
  return { patterns, addsPrefixSpace };
}

function stages(json: unknown): readonly JsonObject[] {
  if (!isJsonObject(json)) return [];
  const { type, pretokenizers } = json;
  return type === "Sequence" && Array.isArray(pretokenizers) ? pretokenizers.flatMap(stages) : [json];
}

function splitPattern({ pattern, behavior, invert }: JsonObject): string {
  const { Regex: expression, String: text } = isJsonObject(pattern) ? pattern : {};
  // Expressions whose inverse is removed match every text without gaps, or text would be lost.
  if (behavior !== "Isolated" && !(behavior === "Removed" && invert === true)) {
    throw new UnusableVocabulary(
      `its pre-tokenizer splits with the behavior ${shown(behavior)}, which is not supported`,
    );
  }
  if (typeof expression === "string") return expression;
  if (typeof text === "string") return text.replace(/[^\p{L}\p{N}\s]/gu, "\\$&");
  throw new UnusableVocabulary("its pre-tokenizer splits by nothing");
}

function shown(value: unknown): string {
  return JSON.stringify(value ?? null).slice(0, 200);
}
