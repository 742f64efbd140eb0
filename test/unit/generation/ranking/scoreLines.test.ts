import assert from "node:assert/strict";
import { logSumExp, logSumExpOf } from "../../../../src/generation/ranking/logProbabilities";
import { type LineScore, scoreLines } from "../../../../src/generation/ranking/scoreLines";
import { generationContext, type GenerationContext } from "../../../../src/generation/context";
import { tokenizerFor } from "../../../../src/tokenizer/tokenizerFor";
import { maxDifference, openTestModel } from "../../../fixtures/runtime";
import { randomWeights, syntheticWeights } from "../../../fixtures/syntheticModel";
import { control } from "../fakes";

const prompt = { header: "// a.ts\n", prefix: "const total = items.", suffix: "" };
const lines = ["reduce((sum, item) => sum + item.price, 0);", "length;", "reduce(add, 0);", "map("];
const request = { prompt, maxTokens: 16, healing: true, lines };

describe("log-sum-exp", () => {
  it("is the logarithm of the sum, also of large and impossible logits", () => {
    const logits = Float32Array.of(800, 801, -Infinity, 799, 750);
    const expected = 801 + Math.log(1 + Math.exp(-1) + Math.exp(-2));
    assert.ok(Math.abs(logSumExp(logits) - expected) < 1e-9);
    assert.ok(Math.abs(logSumExpOf(logits, [0, 3]) - (800 + Math.log(1 + Math.exp(-1)))) < 1e-9);
    assert.equal(logSumExpOf(logits, [2]), -Infinity);
    assert.equal(logSumExpOf(logits, []), -Infinity);
  });
});

describe("scoring lines", () => {
  const opened: GenerationContext[] = [];
  const open = async (backend: "kernels" | "onnxruntime", precision: "int8" | "f32", contextLength = 128) => {
    const weights =
      contextLength === 128
        ? syntheticWeights("gpt2-tiny")
        : randomWeights({ ...syntheticWeights("gpt2-tiny").config, contextLength });
    const model = await openTestModel(weights, { backend, precision, threads: 1 });
    opened.push(generationContext(model, tokenizerFor(model.config)));
    return opened.at(-1) as GenerationContext;
  };
  after(async () => {
    for (const { model } of opened) await model[Symbol.asyncDispose]();
  });
  const flat = (scores: readonly LineScore[]) => scores.flatMap(({ tokens, end }) => [...tokens, end]);

  for (const [backend, precision] of [
    ["kernels", "int8"],
    ["onnxruntime", "f32"],
  ] as const) {
    it(`gives each line what it gets alone, on ${backend}`, async () => {
      const context = await open(backend, precision);
      const together = await scoreLines(context, request, control());
      assert.equal(together.length, lines.length);
      for (const [index, line] of lines.entries()) {
        const alone = await scoreLines(context, { ...request, lines: [line] }, control());
        assert.ok(maxDifference(flat(alone), flat(together.slice(index, index + 1))) < 1e-4);
      }
      assert.ok(flat(together).every((value) => value <= 1e-6 && Number.isFinite(value)));
    });
  }

  it("takes the tokens that healing has rolled back as given", async () => {
    const context = await open("kernels", "int8");
    const cut = { ...prompt, prefix: "const total = ite" };
    const scores = await scoreLines(context, { ...request, prompt: cut, lines: ["ms.length;", "rator;"] }, control());
    for (const { tokens } of scores) assert.ok((tokens[0] ?? -Infinity) > -12, String(tokens[0]));
  });

  it("gives no tokens for a line that does not fit the context, and scores the others", async () => {
    const context = await open("kernels", "int8", 64);
    const long = "x = y + z; ".repeat(40);
    const [first, second] = await scoreLines(context, { ...request, lines: [long, "length;"] }, control());
    assert.deepEqual(first?.tokens, []);
    assert.ok((second?.tokens.length ?? 0) > 0);
  });

  it("gives nothing when it is cancelled, and releases its slot", async () => {
    const context = await open("kernels", "int8");
    assert.deepEqual(await scoreLines(context, request, control({ signal: { aborted: true } })), []);
    assert.equal((await scoreLines(context, request, control())).length, lines.length);
  });
});
