import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StringList } from "../../../src/formats/gguf/header";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { inspectModel } from "../../../src/gpt2/weights/inspect";
import { openModelFile } from "../../../src/gpt2/weights/modelFile";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

describe("the bundled model", () => {
  const path = resolve("models/gpt2-code-mini");

  it("is what its card says", async () => {
    const inspection = await inspectModel(await nodeModelFiles(path));
    const card = readFileSync(join(path, "README.md"), "utf8");
    assert.equal(inspection.format, "gguf");
    assert.ok(card.includes(`| Parameters   | ${inspection.parameters.toLocaleString("en-US")}`));
    assert.deepEqual(
      inspection.storage.map(({ type }) => type),
      ["Q8_0", "F32"],
    );
    const { config } = inspection;
    const { layers, heads, width, contextLength } = config;
    assert.ok(card.includes(`: ${layers} layers, ${heads} heads, width ${width}, context ${contextLength} tokens`));
    assert.equal(config.tokenizer, "p50k_edit");
  });

  it("holds the tokens of its tokenizer", async () => {
    const { config, file } = await openModelFile(await nodeModelFiles(path));
    await using opened = file;
    const tokenizer = tokenizerFor(config);
    const tokens = opened.metadata.get("tokenizer.ggml.tokens");
    assert.ok(tokens instanceof StringList);
    assert.equal(tokens.length, config.vocabSize);
    const [hello] = tokenizer.encode(" return");
    assert.equal(tokens.at(hello ?? -1), "Ġreturn");
    assert.equal(opened.metadata.get("tokenizer.ggml.fim_pre_token_id"), tokenizer.fim?.prefix);
  });

  it("has weights of a trained model's size", async () => {
    await using weights = await openWeights(await nodeModelFiles(path));
    const embedding = await weights.read("wte.weight");
    const deviation = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0) / embedding.length);
    assert.ok(deviation > 0.01 && deviation < 1, String(deviation));
  });
});
