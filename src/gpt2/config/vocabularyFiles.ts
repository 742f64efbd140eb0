import type { ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { isJsonObject, type JsonLimits, type JsonObject, parseJsonObject } from "../../formats/json";
import { knownVocabulary } from "./knownVocabularies";

/** A vocabulary of 250,000 tokens with its merges has some 20 MB. */
const limits: JsonLimits = { bytes: 64 << 20, values: 2_000_000 };

/**
 * The name of the vocabulary in the files beside a model's weights: a known one, or `custom (FILE)`.
 * @returns undefined when there is no such file
 * @throws ModelFileError when the file is damaged
 */
export async function vocabularyBeside(files: ModelFiles): Promise<string | undefined> {
  const name = ["tokenizer.json", "vocab.json"].find((file) => files.names.includes(file));
  if (name === undefined) return undefined;
  const ids = idsOf(await readJsonFile(files, name, limits));
  return knownVocabulary((id, text) => ids(text) === id) ?? `custom (${name})`;
}

/** Reads a JSON file of a model. @throws ModelFileError when it is too large or not an object */
export async function readJsonFile(files: ModelFiles, name: string, jsonLimits: JsonLimits): Promise<JsonObject> {
  await using source = await files.open(name);
  if (source.size > jsonLimits.bytes) {
    throw new ModelFileError(`${name} is too large for what it should be (${source.size} bytes).`);
  }
  return parseJsonObject(await source.read(0, source.size), name, jsonLimits);
}

/** The id of a token in `vocab.json` (token to id), or in `tokenizer.json` (the same under `model.vocab`, and the added tokens). */
function idsOf(json: JsonObject): (token: string) => unknown {
  const { model, added_tokens: added } = json;
  if (!isJsonObject(model)) return (token) => own(json, token);
  const vocabulary = isJsonObject(model["vocab"]) ? model["vocab"] : {};
  const addedIds = new Map<unknown, unknown>();
  if (Array.isArray(added)) {
    for (const entry of added as unknown[]) if (isJsonObject(entry)) addedIds.set(entry["content"], entry["id"]);
  }
  return (token) => addedIds.get(token) ?? own(vocabulary, token);
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
