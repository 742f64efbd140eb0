import assert from "node:assert/strict";
import { ggufModel } from "../../../models/ggufModel";
import { vocabularyMetadata } from "../../../models/vocabularyMetadata";
import { MemoryFiles } from "../../../src/formats/memory";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../src/gpt2/weights/tensorShapes";
import { baseModels } from "../../fuzz/baseModels";
import { collect } from "../../fixtures/ggufWriter";
import { maxDifference } from "../../fixtures/runtime";

/** How far numbers below 1 may be from what they were. */
const tolerances = { F32: 0, F16: 1e-3, Q8_0: 0.01, Q4_0: 0.15 } as const;

describe("converting to GGUF", () => {
  it("keeps numbers and vocabulary of every format that opens, in each type", async () => {
    for (const [format, files] of await baseModels()) {
      await using weights = await openWeights(new MemoryFiles(format, files));
      const { metadata: vocabulary } = vocabularyMetadata(weights);
      for (const type of ["F32", "F16", "Q8_0", "Q4_0"] as const) {
        const bytes = await collect(ggufModel(weights, { name: format, type, vocabulary }));
        await using converted = await openWeights(new MemoryFiles(format, new Map([["model.gguf", bytes]])));
        assert.equal(converted.storage, `gguf ${type}`);
        assert.equal(converted.vocabulary?.kind === "bytePairs", weights.vocabulary?.kind === "bytePairs", format);
        if (converted.vocabulary?.kind === "bytePairs")
          assert.equal(converted.config.tokenizer, weights.config.tokenizer);
        for (const name of tensorShapes(weights.config).keys()) {
          const difference = maxDifference(await converted.read(name), await weights.read(name));
          assert.ok(difference <= tolerances[type], `${format} as ${type}: ${name} differs by ${difference}`);
        }
      }
    }
  });
});
