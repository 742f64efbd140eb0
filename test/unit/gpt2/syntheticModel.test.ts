import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  gpt2Small,
  oracleFileTensors,
  oracleHashes,
  oracleModels,
  randomWeights,
  syntheticWeights,
} from "../../fixtures/syntheticModel";

describe("synthetic models", () => {
  for (const model of oracleModels) {
    it(`${model} has the published SHA-256 for every tensor`, () => {
      const hashes: Record<string, string> = {};
      for (const { name, values } of oracleFileTensors(model)) {
        hashes[name] = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
      }
      assert.deepEqual(hashes, oracleHashes(model));
    });
  }

  it("transposes GPT-BigCode's linear weights to [in, out]", async () => {
    await using weights = syntheticWeights("bigcode-tiny");
    const turned = await weights.read("h.0.attn.c_attn.weight");
    const file = [...oracleFileTensors("bigcode-tiny")].find(({ name }) => name.endsWith("h.0.attn.c_attn.weight"));
    assert.deepEqual(file?.shape, [96, 64]);
    assert.equal(turned[1], file.values[64]);
    assert.equal(turned[96], file.values[1]);
  });

  it("generates GPT-2 124M's shapes tensor by tensor", async () => {
    await using weights = randomWeights(gpt2Small);
    assert.equal((await weights.read("wpe.weight")).length, 1024 * 768);
    assert.deepEqual(await weights.read("h.11.ln_1.bias"), await weights.read("h.11.ln_1.bias"));
    await assert.rejects(weights.read("h.12.ln_1.bias"), /no tensor/);
  });
});
