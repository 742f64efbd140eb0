import { isJsonObject, type JsonObject } from "../../formats/json";
import { assemble, isId } from "./assemble";
import { type AddedToken, UnusableVocabulary, type VocabularyDefinition } from "./definition";
import { gpt2Pattern } from "./knownSplits";
import type { StatedRoles } from "./names";
import { addedToken } from "./tokenizerJson";

/** The files of GPT-2's own tokenizer, as they were parsed; those after the first two may be missing. */
export interface VocabularyFiles {
  /** `vocab.json` or `encoder.json`: ids by token. */
  readonly vocab: JsonObject;
  /** `merges.txt` or `vocab.bpe`: a merge in each line. */
  readonly merges: string;
  /** `added_tokens.json`: ids by token. */
  readonly addedTokens?: JsonObject | undefined;
  /** `special_tokens_map.json`: tokens, or descriptions of them, by their role. */
  readonly specialTokens?: JsonObject | undefined;
  /** `tokenizer_config.json`. */
  readonly tokenizerConfig?: JsonObject | undefined;
}

/**
 * Reads the files of a GPT-2 tokenizer.
 * @param stated what the model's config says of its tokens
 * @throws UnusableVocabulary when they contradict each other
 */
export function vocabAndMerges(files: VocabularyFiles, stated: StatedRoles): VocabularyDefinition {
  return assemble({
    tokens: Object.entries(files.vocab),
    merges: mergesOf(files.merges),
    added: addedTokens(files),
    split: {
      normalization: [],
      addsPrefixSpace: files.tokenizerConfig?.["add_prefix_space"] === true,
      patterns: [gpt2Pattern],
    },
    ignoresMerges: false,
    stated,
  });
}

function* mergesOf(text: string): Generator<readonly [string, string]> {
  for (const [index, line] of text.split("\n").entries()) {
    const merge = line.replace(/\r$/, "");
    if (merge === "" || (index === 0 && merge.startsWith("#version"))) continue;
    const [left, right, more] = merge.split(" ");
    if (left === undefined || right === undefined || more !== undefined) {
      throw new UnusableVocabulary(`line ${index + 1} of its merges is not two tokens`);
    }
    yield [left, right];
  }
}

function addedTokens({ vocab, addedTokens: ids = {}, specialTokens = {}, tokenizerConfig = {} }: VocabularyFiles) {
  const described = tokenizerConfig["added_tokens_decoder"];
  const added = new Map<number, AddedToken>();
  const special = new Set(Object.values(specialTokens).flatMap(names));
  for (const [content, id] of Object.entries(ids)) {
    if (!isId(id)) throw new UnusableVocabulary(`its added token ${JSON.stringify(content)} has no usable id`);
    added.set(id, { id, content, special: special.has(content), lstrip: false, rstrip: false });
  }
  for (const content of special) {
    const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
    if (isId(id)) added.set(id, { id, content, special: true, lstrip: false, rstrip: false });
  }
  for (const [id, entry] of Object.entries(isJsonObject(described) ? described : {})) {
    if (isJsonObject(entry)) added.set(Number(id), addedToken(entry, Number(id)));
  }
  return [...added.values()];
}

/** The names of tokens in an entry of `special_tokens_map.json`. */
function names(entry: unknown): string[] {
  if (typeof entry === "string") return [entry];
  if (Array.isArray(entry)) return entry.flatMap(names);
  return isJsonObject(entry) && typeof entry["content"] === "string" ? [entry["content"]] : [];
}
