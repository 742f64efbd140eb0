import assert from "node:assert/strict";
import { resolve } from "node:path";
import { nodeModelFiles } from "../../../../src/formats/nodeFiles";
import { withAdapter } from "../../../../src/gpt2/adapters/adaptedModel";
import { openAdapter } from "../../../../src/gpt2/adapters/openAdapter";
import { openWeights } from "../../../../src/gpt2/weights/openWeights";
import { tokenizerFor } from "../../../../src/tokenizer/tokenizerFor";
import { peftFiles, peftTensors, swapConfig, swappedTokens } from "../../../fixtures/adapters";
import { greedy, openTestModel } from "../../../fixtures/runtime";

describe("an adapter of the bundled model that swaps two tokens", () => {
  it("makes it write the one where it would write the other", async () => {
    await using weights = await openWeights(await nodeModelFiles(resolve("models/gpt2-code-mini")));
    await using model = await openTestModel(weights, { precision: "int8", threads: 1 });
    const tokenizer = tokenizerFor(weights.config);
    const prompt = tokenizer.encode("for (let i = 0; i <");
    const [said = 0] = await greedy(model, prompt, 1);
    const [instead = 0] = tokenizer.encode(" banana");
    const module = await swappedTokens(weights, said, instead);
    const adapter = await openAdapter(peftFiles(peftTensors([module]), swapConfig), weights.config);
    await model.addAdapter?.("swap", adapter);
    assert.equal(tokenizer.decode(await greedy(withAdapter(model, "swap"), prompt, 1)), tokenizer.decode([instead]));
    assert.deepEqual(await greedy(model, prompt, 1), [said]);
  });
});
