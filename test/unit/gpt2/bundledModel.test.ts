import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StringList } from "../../../src/formats/gguf/header";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { inspectModel } from "../../../src/gpt2/inspect";
import { openModelFile } from "../../../src/gpt2/modelFile";
import { openWeights } from "../../../src/gpt2/openWeights";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

describe("the bundled model", () => {
  const path = resolve("models/gpt2-code-mini");

  it("is what its card says", async () => {
    const inspection = await inspectModel(await nodeModelFiles(path));
    assert.equal(inspection.format, "gguf");
    assert.equal(inspection.parameters, 17_873_920);
    assert.deepEqual(
      inspection.storage.map(({ type }) => type),
      ["Q8_0", "F32"],
    );
    const { config } = inspection;
    assert.deepEqual([config.layers, config.heads, config.width, config.contextLength], [6, 4, 256, 1024]);
    assert.equal(config.tokenizer, "p50k_edit");
    assert.ok(inspection.fileBytes < 24e6);
    assert.ok(readFileSync(join(path, "README.md"), "utf8").includes("17,873,920"));
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
