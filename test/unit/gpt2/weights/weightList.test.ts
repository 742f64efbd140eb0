import assert from "node:assert/strict";
import { preparedBytes } from "../../../../src/gpt2/weights/weightList";
import { catalogModel } from "../../../../src/hub/catalog";

describe("preparedBytes", () => {
  it("counts GPT-2's matrices in each precision, and 4 bytes for everything else", () => {
    const config = catalogModel("openai-community/gpt2")?.config;
    assert.ok(config);
    const [layers, width, vocabulary] = [12, 768, 50257];
    // Query, key, value and output, and the two of the feed-forward layer.
    const matrices = layers * (4 + 4 + 4) * width ** 2;
    const head = vocabulary * width;
    // Biases, and the two vectors of each layer normalization.
    const vectors = layers * (3 + 1 + 4 + 1 + 2 + 2) * width + 2 * width;
    assert.equal(preparedBytes(config, "f32"), 4 * (matrices + head + vectors));
    assert.equal(preparedBytes(config, "int8"), matrices + head + 4 * vectors);
    assert.equal(preparedBytes(config, "f16"), 2 * (matrices + head) + 4 * vectors);
    assert.equal(preparedBytes(config, "int4"), matrices / 2 + head + 4 * vectors);
  });
});
