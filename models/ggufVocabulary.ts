import type { TypedValue } from "../src/formats/gguf/write";
import type { Gpt2Config } from "../src/gpt2/config/config";
import { tokenTypes } from "../src/tokenizer/byteLevel/ggufMetadata";
import { toLetters } from "../src/tokenizer/byteLevel/letters";
import type { Tokenizer } from "../src/tokenizer/tokenizer";

/** The metadata of a model whose vocabulary is not known: llama.cpp's name for none, and the ids that begin and end a text. */
export function noVocabulary({ beginOfText, endOfText }: Gpt2Config): ReadonlyMap<string, TypedValue> {
  return new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "none" }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: beginOfText }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: endOfText }],
  ]);
}

/**
 * A tokenizer as the metadata of a GGUF file, so that other programs that read GGUF can use the model too.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 */
export function ggufVocabulary(tokenizer: Tokenizer): ReadonlyMap<string, TypedValue> {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const special = ids.map((id) => tokenizer.isSpecial(id));
  const values = new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    [
      "tokenizer.ggml.tokens",
      {
        type: "string[]",
        value: ids.map((id) => (special[id] ? utf8.decode(tokenizer.bytes(id)) : toLetters(tokenizer.bytes(id)))),
      },
    ],
    [
      "tokenizer.ggml.token_type",
      { type: "i32[]", value: special.map((is) => (is ? tokenTypes.control : tokenTypes.normal)) },
    ],
    [
      "tokenizer.ggml.merges",
      {
        type: "string[]",
        value: mergesOfRanks(ids.filter((id) => !special[id]).map((id) => tokenizer.bytes(id))).map((parts) =>
          parts.join(" "),
        ),
      },
    ],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: tokenizer.endOfText }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: tokenizer.endOfText }],
  ]);
  if (tokenizer.fim !== undefined) {
    values.set("tokenizer.ggml.fim_pre_token_id", { type: "u32", value: tokenizer.fim.prefix });
    values.set("tokenizer.ggml.fim_suf_token_id", { type: "u32", value: tokenizer.fim.suffix });
    values.set("tokenizer.ggml.fim_mid_token_id", { type: "u32", value: tokenizer.fim.middle });
  }
  return values;
}

const utf8 = new TextDecoder();

/**
 * The merge that makes each token of several bytes, in the order of the tokens: the two parts, in letters, that byte-pair encoding arrives
 * at with the tokens before it. (A vocabulary of ranks leaves them unsaid.)
 * @param tokens the ordinary tokens in the order of their ranks
 */
export function mergesOfRanks(tokens: readonly Uint8Array[]): (readonly [string, string])[] {
  const letters = tokens.map(toLetters);
  const ranks = new Map(letters.map((token, rank) => [token, rank]));
  return letters.filter((token) => token.length > 1).map((token) => lastPair(token, ranks));
}

function lastPair(token: string, ranks: ReadonlyMap<string, number>): readonly [string, string] {
  const parts = Array.from(token);
  while (parts.length > 2) {
    let best = Infinity;
    let at = 0;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = ranks.get(`${parts[i] ?? ""}${parts[i + 1] ?? ""}`) ?? Infinity;
      if (rank < best) [best, at] = [rank, i];
    }
    if (best === Infinity) throw new RangeError(`No merges lead to the token ${JSON.stringify(token)}.`);
    parts.splice(at, 2, parts.slice(at, at + 2).join(""));
  }
  const [left = "", right = ""] = parts;
  return [left, right];
}
