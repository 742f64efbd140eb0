import assert from "node:assert/strict";
import { generate } from "../../../src/generation/generate";
import { generationContext } from "../../../src/generation/context";
import { checkpointSampler } from "../../../src/generation/sampling/checkpointSampler";
import { parseHuggingFaceConfig } from "../../../src/gpt2/config/huggingFaceConfig";
import { dequantizedWeights } from "../../../src/gpt2/verification/checkpoints/dequantizedWeights";
import { runCheckpoints } from "../../../src/gpt2/verification/checkpoints/run";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";
import { greedy, openTappedTestModel, openTestModel } from "../../fixtures/runtime";
import { randomWeights } from "../../fixtures/syntheticModel";

const small = { model_type: "gpt2", vocab_size: 128, n_positions: 64, n_embd: 64, n_layer: 2, n_head: 4 };
const bigCode = { ...small, model_type: "gpt_bigcode" };

/** What the config of a GPT-2-family model may ask for. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "an inner width of its own": { ...small, n_inner: 96 },
  ReLU: { ...small, activation_function: "relu" },
  "GELU by erf": { ...small, activation_function: "gelu" },
  "GELU by gelu_fast": { ...small, activation_function: "gelu_fast" },
  "scores divided by the layer's number": { ...small, scale_attn_by_inverse_layer_idx: true },
  "scores that are not divided": { ...small, scale_attn_weights: false },
  "scores that the original computes in 32 bits": { ...small, reorder_and_upcast_attn: true },
  "a head of its own": { ...small, tie_word_embeddings: false },
  "another epsilon": { ...small, layer_norm_epsilon: 1e-2 },
  "GPT-BigCode, one key/value head": bigCode,
  "GPT-BigCode, a key/value head for each": { ...bigCode, multi_query: false },
  "GPT-BigCode with ReLU and an inner width": { ...bigCode, activation_function: "relu", n_inner: 160 },
};

describe("the architectures of the family", () => {
  for (const [name, json] of Object.entries(variants)) {
    const config = parseHuggingFaceConfig(JSON.stringify(json));
    const tokens = Array.from({ length: 20 }, (_, i) => (i * 37) % 128);
    for (const [precision, backend] of [
      ["f32", "onnxruntime"],
      ["int8", "kernels"],
    ] as const) {
      it(`pass the twelve checkpoints in ${precision}: ${name}`, async () => {
        await using weights = randomWeights(config, 5);
        await using model = await openTappedTestModel(weights, { precision, threads: 1, backend });
        const reference = dequantizedWeights(weights, model.info);
        const report = await runCheckpoints({ name, model, weights: reference, sampler: checkpointSampler, tokens });
        const failed = report.checkpoints.filter(({ status }) => status !== "passed");
        assert.deepEqual(failed, []);
      });
    }
  }

  it("run a context of 8,192 positions to its end, prefilled in chunks", async () => {
    const long = { ...small, n_positions: 8192, n_embd: 32, n_head: 1, n_layer: 1 };
    await using weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(long)), 6);
    await using model = await openTestModel(weights, { precision: "int8", threads: 1 });
    const context = generationContext(model, tokenizerFor(weights.config));
    const prompt = Array.from({ length: 8186 }, (_, i) => (i * 7919) % 127);
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };
    let pauses = 0;
    const control = {
      signal: new AbortController().signal,
      arrivedAt: 0,
      pause: () => {
        pauses++;
        return Promise.resolve();
      },
    };
    const stops = { endOfText: "write", contextEnd: "stop" } as const;
    const result = await generate(context, { prompt, maxTokens: 6, sampling, stops }, control);
    assert.equal(result.promptTokens.length, 8186);
    assert.ok(pauses > 20, `${pauses} pauses`);
    await using again = await openTestModel(weights, { precision: "int8", threads: 1 });
    assert.deepEqual(result.tokens, await greedy(again, prompt, 6));
  });
});
