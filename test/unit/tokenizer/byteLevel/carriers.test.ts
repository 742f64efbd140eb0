import { strict as assert } from "node:assert";
import { encode as encodeWithLibrary } from "gpt-tokenizer/encoding/r50k_base";
import ranks from "gpt-tokenizer/bpeRanks/p50k_base";
import { definedVocabulary } from "../../../../models/definedVocabulary";
import { mergesOfRanks } from "../../../../models/ggufVocabulary";
import { MemorySource } from "../../../../src/formats/memory";
import { openGguf } from "../../../../src/formats/gguf/open";
import { ggufParts, type TypedValue } from "../../../../src/formats/gguf/write";
import { named, usableOrNot } from "../../../../src/tokenizer/byteLevel/assemble";
import type { VocabularyDefinition } from "../../../../src/tokenizer/byteLevel/definition";
import { ggufMetadata } from "../../../../src/tokenizer/byteLevel/ggufMetadata";
import { toLetters } from "../../../../src/tokenizer/byteLevel/letters";
import { tokenizerJson } from "../../../../src/tokenizer/byteLevel/tokenizerJson";
import { vocabAndMerges } from "../../../../src/tokenizer/byteLevel/vocabAndMerges";
import { tokenizerFor, vocabularyProblem } from "../../../../src/tokenizer/tokenizerFor";
import { Random } from "../../../fuzz/random";
import llamaResults from "../../../fixtures/oracle/tokenizersLlama.json";
import { collect } from "../../../fixtures/ggufWriter";
import { tokenizerCases, tokenizerTexts } from "../../../fixtures/tokenizerCases";
import {
  byteLevel,
  ggufMetadataOf,
  mergesText,
  smallVocabulary,
  starCoderTokens,
  tokenizerJsonOf,
} from "../../../fixtures/vocabularies";

/** The ids that llama.cpp (by node-llama-cpp 3.22.1) gave for the small vocabulary; null where they are those of `gpt-2`. */
const llamaIds = llamaResults as unknown as Readonly<Record<string, readonly (readonly number[] | null)[]>>;
const vocabulary = smallVocabulary();
const control = Object.fromEntries(starCoderTokens.map((token) => [token, 3]));
const tokenizerOf = (definition: VocabularyDefinition, vocabSize = 1000) =>
  tokenizerFor({ tokenizer: undefined, vocabSize }, named(definition));

/** Metadata as it is read back from a file. */
async function written(metadata: ReadonlyMap<string, TypedValue>): Promise<ReadonlyMap<string, unknown>> {
  await using file = await openGguf(new MemorySource("v.gguf", await collect(ggufParts(metadata, []))));
  return file.metadata;
}

describe("A vocabulary", () => {
  it("is the same from tokenizer.json, vocab.json and merges.txt, and GGUF metadata", async () => {
    const specialTokens = { eos_token: "<|endoftext|>", additional_special_tokens: starCoderTokens.slice(1) };
    const definitions = [
      tokenizerJson(tokenizerJsonOf(vocabulary, { special: starCoderTokens }), {}),
      vocabAndMerges({ vocab: vocabulary.ids, merges: mergesText(vocabulary), specialTokens }, {}),
      ggufMetadata(await written(ggufMetadataOf(vocabulary, "gpt-2", control)), "gpt2"),
    ];
    const names = definitions.map((definition) => tokenizerOf(definition).name);
    assert.equal(new Set(names).size, 1, names.join());
    const [first, ...others] = definitions.map((definition) => tokenizerOf(definition));
    assert.ok(first);
    assert.deepEqual(first.fim, { prefix: 1, middle: 2, suffix: 3 });
    assert.equal(first.endOfText, 0);
    for (const other of others) {
      assert.deepEqual([other.fim, other.endOfText, other.startOfText], [first.fim, 0, 0]);
      for (const text of tokenizerTexts) assert.deepEqual(other.encode(text), first.encode(text), JSON.stringify(text));
    }
    for (const text of tokenizerTexts) assert.equal(first.decode(first.encode(text)), text);
  });

  it("of GPT-2 gives what gpt-tokenizer gives, over random texts", () => {
    const bytes = ranks.slice(0, 50256).map((token) => {
      return typeof token === "string" ? new TextEncoder().encode(token) : Uint8Array.from(token);
    });
    const ids = Object.fromEntries([...bytes.map(toLetters), "<|endoftext|>"].map((token, id) => [token, id]));
    const json = tokenizerJsonOf({ ids, merges: mergesOfRanks(bytes) }, { special: ["<|endoftext|>"] });
    const tokenizer = tokenizerOf(tokenizerJson(json, {}), 50257);
    const random = new Random(1);
    const pieces = [
      ...Array.from("aeinrst ETA \n\t.,;'’(){}=_-/0159éß語👍ÄÖ"),
      "  ",
      "the",
      " function",
      "'s",
      "'re",
      "\r\n",
      "\u0301",
      "½",
    ];
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: random.below(40) }, () => random.pick(pieces)).join("");
      assert.deepEqual(tokenizer.encode(text), encodeWithLibrary(text), JSON.stringify(text));
    }
  });

  it("splits by tokenizer.ggml.pre, or as the architecture does where files are older than that", async () => {
    const encode = async (pre: string | undefined, architecture = "gpt2") => {
      const metadata = await written(ggufMetadataOf(vocabulary, pre, control));
      return tokenizerOf(ggufMetadata(metadata, architecture)).encode("a 10 11!  HTTPServer'S 123456");
    };
    const digits = tokenizerJson(
      tokenizerJsonOf(vocabulary, {
        preTokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel] },
      }),
      {},
    );
    const byDigits = tokenizerOf(digits).encode("a 10 11!  HTTPServer'S 123456");
    for (const pre of ["starcoder", "refact", "command-r", "smollm"]) assert.deepEqual(await encode(pre), byDigits);
    assert.deepEqual(await encode(undefined, "starcoder"), byDigits);
    assert.notDeepEqual(await encode("gpt-2"), byDigits);
    assert.deepEqual(await encode(undefined), await encode("gpt-2"));
    await assert.rejects(encode("no-such-split"), /"no-such-split", is not known/);
  });

  it("splits by tokenizer.ggml.pre as llama.cpp does", async () => {
    for (const [pre, rows] of Object.entries(llamaIds)) {
      const tokenizer = tokenizerOf(ggufMetadata(await written(ggufMetadataOf(vocabulary, pre, control)), "gpt2"));
      for (const [i, text] of tokenizerTexts.entries()) {
        assert.deepEqual(tokenizer.encode(text), rows[i] ?? llamaIds["gpt-2"]?.[i], `${pre}: ${JSON.stringify(text)}`);
      }
    }
  });

  it("is the same after a conversion to GGUF, whatever it splits by", async () => {
    for (const [name, json] of tokenizerCases) {
      const before = tokenizerJson(json, {});
      const metadata = await written(definedVocabulary(before, 1024));
      const after = ggufMetadata(metadata, "gpt2");
      const [expected, tokenizer] = [tokenizerOf(before, 1024), tokenizerOf(after, 1024)];
      assert.deepEqual(
        [tokenizer.name, after.fim, after.endOfText],
        [expected.name, before.fim, before.endOfText],
        name,
      );
      for (const text of tokenizerTexts) assert.deepEqual(tokenizer.encode(text), expected.encode(text), name);
      assert.equal((metadata.get("tokenizer.ggml.tokens") as { length: number }).length, 1024);
    }
  });

  it("has the tokens for filling in by the names of each family, or by the ids that GGUF gives", async () => {
    const families = [
      ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"],
      ["<fim-prefix>", "<fim-middle>", "<fim-suffix>"],
      ["<PRE>", "<MID>", "<SUF>"],
    ];
    for (const names of families) {
      const family = smallVocabulary(["<|endoftext|>", ...names]);
      const definition = tokenizerJson(tokenizerJsonOf(family, { special: ["<|endoftext|>", ...names] }), {});
      assert.deepEqual(definition.fim, { prefix: 1, middle: 2, suffix: 3 });
    }
    const unnamed = smallVocabulary(["end", "one", "two", "three"]);
    const ids = { eos_token_id: 0, bos_token_id: 1, fim_pre_token_id: 3, fim_mid_token_id: 2, suffix_token_id: 1 };
    const definition = ggufMetadata(await written(ggufMetadataOf(unnamed, "gpt-2", {}, ids)), "gpt2");
    assert.deepEqual(definition.fim, { prefix: 3, middle: 2, suffix: 1 });
    const tokenizer = tokenizerOf(definition);
    assert.deepEqual([tokenizer.endOfText, tokenizer.startOfText], [0, 1]);
    assert.ok([0, 1, 2, 3].every((id) => tokenizer.isSpecial(id)));
    assert.ok(!tokenizer.encode("end one").includes(0));
    assert.equal(ggufMetadata(await written(ggufMetadataOf(unnamed, "gpt-2", {})), "gpt2").fim, undefined);
  });

  it("takes the ids that begin and end a text from the config, if they are tokens", () => {
    const json = tokenizerJsonOf(vocabulary, { special: starCoderTokens });
    const ends = (stated: { startOfText?: number; endOfText?: number }) => {
      const { startOfText, endOfText } = tokenizerJson(json, stated);
      return [startOfText, endOfText];
    };
    assert.deepEqual(ends({ startOfText: 50256, endOfText: 50256 }), [0, 0]);
    assert.deepEqual(ends({ startOfText: 2, endOfText: 5 }), [2, 5]);
    const without = tokenizerJson(tokenizerJsonOf(smallVocabulary([])), {});
    assert.deepEqual([without.startOfText, without.endOfText], [999, 999]);
  });

  it("reads added tokens and special ones of the older files", () => {
    const { added, split } = vocabAndMerges(
      {
        vocab: vocabulary.ids,
        merges: mergesText(vocabulary).replaceAll("\n", "\r\n"),
        addedTokens: { "<tool>": 1000, "[PAD]": 1001 },
        specialTokens: { pad_token: { content: "[PAD]" }, eos_token: "<|endoftext|>" },
        tokenizerConfig: {
          add_prefix_space: true,
          added_tokens_decoder: { "1002": { content: "<x>", lstrip: true, special: false } },
        },
      },
      {},
    );
    const shown = added.map(({ content, special, lstrip }) => [content, special, lstrip]);
    assert.deepEqual(shown.slice(0, 4), [
      ["<tool>", false, false],
      ["[PAD]", true, false],
      ["<|endoftext|>", true, false],
      ["<x>", false, true],
    ]);
    assert.equal(split.addsPrefixSpace, true);
  });

  it("is refused with what is wrong, and the model keeps its token ids", () => {
    const json = (options: Parameters<typeof tokenizerJsonOf>[1], changes: object = {}) => ({
      ...tokenizerJsonOf(vocabulary, options),
      ...changes,
    });
    const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [json({ model: { type: "Unigram" } }), /its model is "Unigram", not BPE/],
      [json({ model: { byte_fallback: true } }), /its model has byte_fallback/],
      [json({ preTokenizer: { type: "Metaspace" } }), /its pre-tokenizer is "Metaspace", which is not supported/],
      [json({}, { pre_tokenizer: null }), /it is not byte-level/],
      [json({ normalizer: { type: "Lowercase" } }), /its normalizer is "Lowercase"/],
      [json({ model: { merges: ["a"] } }), /its merge "a" is not two tokens/],
      [json({ model: { merges: ["a ẞẞ"] } }), /a merge needs the token "ẞẞ"/],
      [json({ model: { vocab: { a: 0, b: 0 } } }), /two of its tokens have the id 0/],
      [json({ model: { vocab: { a: -1 } } }), /its token "a" has the id -1/],
      [json({ model: { vocab: { a: 2 ** 30 } } }), /has the id 1073741824/],
      [json({ model: { vocab: {}, merges: [] } }), /it is empty/],
      [json({ added: [{ content: "x" }] }), /its added token .* makes no sense/],
      [json({ added: [{ content: "x", id: 1000, single_word: true }] }), /is single_word/],
      [
        json({ preTokenizer: { type: "Split", pattern: { Regex: "(a+)+" }, behavior: "Isolated" } }),
        /splits|not byte-level/,
      ],
      [
        json({ preTokenizer: { type: "Split", pattern: { Regex: "a" }, behavior: "MergedWithNext" } }),
        /the behavior "MergedWithNext"/,
      ],
      [json({ added: [{ content: "x", id: 1000 }] }), /it has 1001 tokens, and the model only 1000/],
    ];
    for (const [tokenizer, message] of cases) {
      const found = usableOrNot("tokenizer.json", () => tokenizerJson(tokenizer, {}));
      const config = { tokenizer: undefined, vocabSize: 1000 };
      assert.match(vocabularyProblem(config, found) ?? "", message);
      assert.match(vocabularyProblem(config, found) ?? "", /takes token ids but no text/);
      assert.equal(tokenizerFor(config, found).decode([3]), " 3");
      assert.throws(() => tokenizerFor(config, found).encode("a"), message);
    }
  });
});
