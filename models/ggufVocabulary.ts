import type { TypedValue } from "../src/formats/gguf/write";
import type { Gpt2Config } from "../src/gpt2/config/config";
import type { Tokenizer } from "../src/tokenizer/tokenizer";

/** The metadata of a model whose vocabulary is not known: llama.cpp's name for none, and the ids that begin and end a text. */
export function noVocabulary({ beginOfText, endOfText }: Gpt2Config): ReadonlyMap<string, TypedValue> {
  return new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "none" }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: beginOfText }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: endOfText }],
  ]);
}

/** llama.cpp's kinds of tokens. */
const ordinaryToken = 1;
const controlToken = 3;

/**
 * A tokenizer as the metadata of a GGUF file, so that other programs that read GGUF can use the model too.
 * Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
 */
export function ggufVocabulary(tokenizer: Tokenizer): ReadonlyMap<string, TypedValue> {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const contents = ids.map((id) => latin1(tokenizer.bytes(id)));
  const special = ids.map((id) => tokenizer.isSpecial(id));
  const values = new Map<string, TypedValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    [
      "tokenizer.ggml.tokens",
      { type: "string[]", value: contents.map((bytes, id) => (special[id] ? bytes : printable(bytes))) },
    ],
    ["tokenizer.ggml.token_type", { type: "i32[]", value: special.map((is) => (is ? controlToken : ordinaryToken)) }],
    ["tokenizer.ggml.merges", { type: "string[]", value: merges(contents.filter((_, id) => !special[id])) }],
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

/**
 * The merge that makes each token of several bytes, in the order of the tokens: the two parts that byte-pair encoding arrives at with
 * the tokens before it. (A vocabulary of ranks leaves them unsaid.)
 * @param tokens the ordinary tokens in the order of their ranks, a character for a byte
 */
function merges(tokens: readonly string[]): string[] {
  const ranks = new Map(tokens.map((token, rank) => [token, rank]));
  return tokens.filter((token) => token.length > 1).map((token) => lastPair(token, ranks).map(printable).join(" "));
}

function lastPair(token: string, ranks: ReadonlyMap<string, number>): readonly string[] {
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
  return parts;
}

/** A character for each byte. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** GPT-2's characters for bytes: those that show stand for themselves, the others for the characters from 256 on (`bytes_to_unicode`). */
const characters = byteCharacters();

function byteCharacters(): readonly string[] {
  let hidden = 256;
  const shows = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(shows(byte) ? byte : hidden++));
}

function printable(bytes: string): string {
  return Array.from(bytes, (byte) => characters[byte.charCodeAt(0)] ?? "").join("");
}
