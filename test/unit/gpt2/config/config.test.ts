import assert from "node:assert/strict";
import { ModelFileError } from "../../../../src/formats/errors";
import { ggufParts, type TypedValue } from "../../../../src/formats/gguf/write";
import { openGguf } from "../../../../src/formats/gguf/open";
import { MemorySource } from "../../../../src/formats/memory";
import { readGgufConfig } from "../../../../src/gpt2/config/ggufConfig";
import { parseHuggingFaceConfig } from "../../../../src/gpt2/config/huggingFaceConfig";
import { collect } from "../../../fixtures/ggufWriter";

const parse = (values: object) => parseHuggingFaceConfig(JSON.stringify(values));

describe("config.json", () => {
  it("has GPT-2 124M's shape by default", () => {
    assert.deepEqual(parse({ model_type: "gpt2" }), {
      architecture: "gpt2",
      vocabSize: 50257,
      contextLength: 1024,
      width: 768,
      layers: 12,
      heads: 12,
      kvHeads: 12,
      innerWidth: 3072,
      activation: "gelu_tanh",
      layerNormEpsilon: 1e-5,
      scaleAttention: true,
      scaleByInverseLayer: false,
      tiedHead: true,
      beginOfText: 50256,
      endOfText: 50256,
      tokenizer: undefined,
    });
  });

  it("reads every key", () => {
    const config = parse({
      model_type: "gpt2",
      vocab_size: 32768,
      n_positions: 512,
      n_embd: 128,
      n_layer: 3,
      n_head: 4,
      n_inner: 100,
      activation_function: "gelu",
      layer_norm_epsilon: 1e-3,
      scale_attn_weights: false,
      scale_attn_by_inverse_layer_idx: true,
      tie_word_embeddings: false,
      bos_token_id: 1,
      eos_token_id: [2, 3],
      tokenizer: "p50k_edit",
    });
    assert.equal(config.vocabSize, 32768);
    assert.equal(config.contextLength, 512);
    assert.equal(config.innerWidth, 100);
    assert.equal(config.activation, "gelu_erf");
    assert.equal(config.layerNormEpsilon, 1e-3);
    assert.equal(config.scaleAttention, false);
    assert.equal(config.scaleByInverseLayer, true);
    assert.equal(config.tiedHead, false);
    assert.deepEqual([config.beginOfText, config.endOfText], [1, 2]);
    assert.equal(config.tokenizer, "p50k_edit");
  });

  it("takes null for a missing key, and n_ctx for n_positions", () => {
    const config = parse({ model_type: "gpt2", n_inner: null, n_ctx: 256 });
    assert.deepEqual([config.innerWidth, config.contextLength], [3072, 256]);
  });

  it("knows GPT-BigCode with one key/value head or many", () => {
    assert.equal(parse({ model_type: "gpt_bigcode" }).kvHeads, 1);
    assert.equal(parse({ model_type: "gpt_bigcode", multi_query: false }).kvHeads, 12);
    assert.equal(parse({ model_type: "gpt2", multi_query: true }).kvHeads, 12);
  });

  it("knows a model by its class when it has no model_type", () => {
    assert.equal(parse({ architectures: ["GPT2LMHeadModel"] }).architecture, "gpt2");
    assert.equal(parse({ architectures: ["GPTBigCodeForCausalLM"] }).architecture, "gpt_bigcode");
  });

  const wrong: Readonly<Record<string, [string, RegExp]>> = {
    "another architecture": ['{"model_type": "llama"}', /a "llama"; only "gpt2" and "gpt_bigcode"/],
    "no architecture": ["{}", /no "model_type"/],
    "multi-query attention of a model's own code": [
      '{"model_type":"gpt2","attention_head_type":"multiquery"}',
      /multi-query attention, made by the model's own code/,
    ],
    "a class of another model": ['{"architectures":["GPTNeoForCausalLM"]}', /a "GPTNeoForCausalLM"/],
    "a number that is a nest of lists": [`{"model_type":"gpt2","n_embd":${"[".repeat(5000)}`, /nested too deeply/],
    "control characters in a name": ['{"model_type":"a\\u001b[31m\\u202e"}', /a "a\\u001b\[31m\\u202e"/],
    "no JSON": ["{", /not valid JSON/],
    "a list": ["[]", /not a JSON object/],
    "heads that do not divide": ['{"model_type":"gpt2","n_head":5}', /not a multiple/],
    "GPT-Neo, by its name": [
      '{"model_type":"gpt_neo"}',
      /the model is GPT-Neo, half of whose layers attend to the last 256 tokens only \("gpt_neo"\); only "gpt2"/,
    ],
    "a relative by its class": ['{"architectures":["GPTNeoForCausalLM"]}', /a "GPTNeoForCausalLM"/],
    "an unknown activation": ['{"model_type":"gpt2","activation_function":"swish"}', /"swish" is not known/],
    "a width that is text": ['{"model_type":"gpt2","n_embd":"768"}', /"n_embd" is "768"/],
    "no layers": ['{"model_type":"gpt2","n_layer":0}', /"n_layer" is 0/],
    "a flag that is a number": ['{"model_type":"gpt2","scale_attn_weights":1}', /neither true nor false/],
  };
  for (const [what, [text, message]] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseHuggingFaceConfig(text),
        (error: unknown) => error instanceof ModelFileError && message.test(error.message),
      );
    });
  }
});

describe("GGUF config", () => {
  const read = async (
    values: readonly (readonly [string, TypedValue])[],
    names = ["token_embd.weight"],
    vocabSize = 50257,
  ) => {
    const tensors = names.map((name) => ({
      name,
      shape: [vocabSize, 1],
      type: "F16" as const,
      values: () => Promise.resolve(new Float32Array(vocabSize)),
    }));
    const bytes = await collect(ggufParts(new Map(values), tensors));
    await using file = await openGguf(new MemorySource("model.gguf", bytes));
    return readGgufConfig(file);
  };
  const text = (value: string): TypedValue => ({ type: "string", value });
  const count = (value: number): TypedValue => ({ type: "u32", value });
  const shape = (heads: number): [string, TypedValue][] => [
    ["general.architecture", text("gpt2")],
    ["gpt2.context_length", count(64)],
    ["gpt2.embedding_length", count(12)],
    ["gpt2.block_count", count(2)],
    ["gpt2.attention.head_count", count(heads)],
    ["gpt2.attention.layer_norm_epsilon", { type: "f32", value: 1e-5 }],
  ];

  it("takes the vocabulary's size and the head from the tensors, and the epsilon as it was meant", async () => {
    const config = await read(shape(3));
    assert.equal(config.vocabSize, 50257);
    assert.equal(config.innerWidth, 48);
    assert.equal(config.layerNormEpsilon, 1e-5);
    assert.equal(config.tiedHead, true);
    assert.equal(config.tokenizer, undefined);
    assert.equal((await read(shape(3), ["token_embd.weight", "output.weight"])).tiedHead, false);
  });

  it("distinguishes OpenAI's vocabularies from others", async () => {
    const tokens: TypedValue = { type: "string[]", value: Array.from({ length: 50257 }, (_, id) => `t${id}`) };
    const config = await read([...shape(3), ["tokenizer.ggml.pre", text("gpt-2")], ["tokenizer.ggml.tokens", tokens]]);
    assert.equal(config.tokenizer, "custom (gpt-2)");
  });

  it("refuses what it cannot be", async () => {
    await assert.rejects(read([]), /does not say which architecture/);
    await assert.rejects(read([["general.architecture", text("llama")]]), /a "llama"; only "gpt2" and "starcoder"/);
    await assert.rejects(read([["general.architecture", text("gpt2")]]), /lacks a usable gpt2.embedding_length/);
    await assert.rejects(read(shape(5)), /not a multiple of its 5 heads/);
    await assert.rejects(read([...shape(4), ["gpt2.attention.head_count_kv", count(2)]]), /2 key\/value heads for 4/);
    await assert.rejects(read(shape(3), ["token_embd.weight"], 0), /its vocabulary is empty/);
    await assert.rejects(read(shape(3), ["other"]), /no tensor token_embd.weight/);
  });
});
