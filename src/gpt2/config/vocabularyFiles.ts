import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { isJsonObject, type JsonLimits, type JsonObject, parseJsonObject } from "../../formats/json";
import { usableOrNot } from "../../tokenizer/byteLevel/assemble";
import type { ModelVocabulary } from "../../tokenizer/byteLevel/definition";
import type { StatedRoles } from "../../tokenizer/byteLevel/names";
import { tokenizerJson } from "../../tokenizer/byteLevel/tokenizerJson";
import { vocabAndMerges } from "../../tokenizer/byteLevel/vocabAndMerges";
import { knownVocabulary } from "./knownVocabularies";

/** A vocabulary of 250,000 tokens with its merges has some 20 MB. */
const limits: JsonLimits = { bytes: 64 << 20, values: 2_000_000 };

/** A vocabulary by the name of a known one, or as the files define it. */
export interface FoundVocabulary {
  readonly name: string;
  readonly vocabulary?: ModelVocabulary;
}

/**
 * The vocabulary in the files beside a model's weights: `tokenizer.json`, `vocab.json` and `merges.txt`, or OpenAI's `encoder.json` and
 * `vocab.bpe`.
 * @param stated what the model's config says of its tokens
 * @returns undefined when there is no such file
 * @throws ModelFileError when a file is damaged
 */
export async function vocabularyBeside(files: ModelFiles, stated: StatedRoles): Promise<FoundVocabulary | undefined> {
  const name = ["tokenizer.json", "vocab.json", "encoder.json"].find((file) => files.names.includes(file));
  if (name === undefined) return undefined;
  const json = await readJsonFile(files, name, limits);
  const known = knownIn(json);
  if (known !== undefined) return { name: known };
  const vocabulary =
    name === "tokenizer.json"
      ? usableOrNot(name, () => tokenizerJson(json, stated))
      : await withMerges(files, name, json, stated);
  return { name: vocabulary.kind === "bytePairs" ? vocabulary.name : `custom (${name})`, vocabulary };
}

async function withMerges(files: ModelFiles, name: string, vocab: JsonObject, stated: StatedRoles) {
  const mergesName = name === "vocab.json" ? "merges.txt" : "vocab.bpe";
  if (!files.names.includes(mergesName)) {
    return { kind: "unusable", problem: `${name} is without ${mergesName}, which belongs to it` } as const;
  }
  const optional = async (file: string) =>
    files.names.includes(file) ? await readJsonFile(files, file, limits) : undefined;
  const merges = await readTextFile(files, mergesName);
  const addedTokens = await optional("added_tokens.json");
  const specialTokens = await optional("special_tokens_map.json");
  const tokenizerConfig = await optional("tokenizer_config.json");
  return usableOrNot(name, () =>
    vocabAndMerges({ vocab, merges, addedTokens, specialTokens, tokenizerConfig }, stated),
  );
}

async function readTextFile(files: ModelFiles, name: string): Promise<string> {
  await using source = await files.open(name);
  if (source.size > limits.bytes) throw new ModelFileError(`${name} is too large for what it should be.`);
  return new TextDecoder().decode(await source.read(0, source.size));
}

/** Reads a JSON file of a model. @throws ModelFileError when it is too large or not an object */
export async function readJsonFile(files: ModelFiles, name: string, jsonLimits: JsonLimits): Promise<JsonObject> {
  await using source = await files.open(name);
  if (source.size > jsonLimits.bytes) {
    throw new ModelFileError(`${name} is too large for what it should be (${source.size} bytes).`);
  }
  return parseJsonObject(await source.read(0, source.size), name, jsonLimits);
}

/** The name of the known vocabulary in `vocab.json` (token to id), or in `tokenizer.json` (the same under `model.vocab`, and the added tokens). */
function knownIn(json: JsonObject): string | undefined {
  const { model, added_tokens: added } = json;
  const isTokenizer = isJsonObject(model);
  const vocab = isTokenizer ? (isJsonObject(model["vocab"]) ? model["vocab"] : {}) : json;
  const entries = (isTokenizer && Array.isArray(added) ? (added as unknown[]) : []).filter(isJsonObject);
  const addedIds = new Map(entries.map(({ content, id }) => [content, id]));
  const idOf = (token: string) => addedIds.get(token) ?? (Object.hasOwn(vocab, token) ? vocab[token] : undefined);
  return knownVocabulary((id, token) => idOf(token) === id, {
    tokens: Object.keys(vocab).length,
    added: entries.map(({ content, id, special }) => ({
      content: String(content),
      id: Number(id),
      special: special === true,
    })),
  });
}
