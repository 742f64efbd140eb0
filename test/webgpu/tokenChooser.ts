import assert from "node:assert/strict";
import { floatToHalf, halfToFloat } from "../../src/formats/numbers/floats";
import { largest } from "../../src/generation/sampling/largest";
import { GpuRuntime } from "../../src/gpt2/backends/webgpu/gpuRuntime";
import { storageBuffer } from "../../src/gpt2/backends/webgpu/storageBuffers";
import { TokenChooser } from "../../src/gpt2/backends/webgpu/tokenChooser";
import { floatEmbeddings } from "../../src/gpt2/weights/embeddings";
import { oracleConfig } from "../fixtures/syntheticModel";
import { testGpuLoader } from "../fixtures/gpu";

/** GPT-2's: odd, so that rows of 16-bit numbers begin within a word. */
const vocabSize = 50_257;
const rows = 2;
const excluded = [17, 1029];

/** Logits of both signs with many ties, and tokens that are ruled out. */
function logitsWithTies(): Float32Array {
  const logits = Float32Array.from({ length: rows * vocabSize }, (_, i) => (((i * 7919) % 4001) - 2600) / 16);
  for (const token of [5, 50_000]) logits[vocabSize + token] = -Infinity;
  for (const row of [0, 1]) for (const token of excluded) logits[row * vocabSize + token] = 500;
  return logits;
}

/** The values `[rows, V]` as the bytes that a step leaves. */
function bytesOf(values: Float32Array, float: "float32" | "float16"): Uint8Array<ArrayBuffer> {
  const array = float === "float32" ? values : Uint16Array.from(values, floatToHalf);
  const bytes = new Uint8Array(Math.ceil(array.byteLength / 4) * 4);
  bytes.set(new Uint8Array(array.buffer));
  return bytes;
}

describe("tokens that are chosen in GPU memory", function () {
  this.timeout(120_000);
  let runtime: GpuRuntime;
  before(async () => {
    runtime = await GpuRuntime.open(testGpuLoader);
  });
  after(() => runtime.fail("The test is over."));

  for (const float of ["float32", "float16"] as const) describe(`in ${float}`, () => choices(float, () => runtime));
});

/** Declares the tests of a format in the current suite. */
function choices(float: "float32" | "float16", open: () => GpuRuntime): void {
  let chooser: TokenChooser;
  before(() => {
    const format = { float, bits: undefined, headBits: undefined };
    const table = floatEmbeddings(new Float32Array(), 1);
    const config = { ...oracleConfig("gpt2-tiny"), vocabSize };
    chooser = new TokenChooser({ runtime: open(), format, config, embeddings: { token: table, position: table } });
  });
  after(() => chooser[Symbol.dispose]());

  async function choose(values: Float32Array, count: number) {
    const { device } = open();
    const bytes = bytesOf(values, float);
    const buffer = storageBuffer(device, bytes.byteLength);
    device.queue.writeBuffer(buffer, 0, bytes);
    const chosen = await chooser.choose(buffer, { rows, count, excluded });
    buffer.destroy();
    return chosen;
  }

  it("are the largest of each row, the lower one first on ties, without those that are excluded", async () => {
    const values = logitsWithTies();
    const rounded = float === "float32" ? values.slice() : values.map((value) => halfToFloat(floatToHalf(value)));
    for (const row of [0, 1]) for (const token of excluded) rounded[row * vocabSize + token] = -Infinity;
    for (const count of [1, 40]) {
      const chosen = await choose(values, count);
      assert.equal(chosen.length, rows);
      chosen.forEach((tokens, row) => {
        const logits = rounded.subarray(row * vocabSize, (row + 1) * vocabSize);
        const expected = Array.from(largest(logits, count), (token) => ({ token, logit: logits[token] }));
        assert.deepEqual(tokens, expected);
      });
    }
  });

  it("show a logit that is not a number, and infinity", async () => {
    const values = logitsWithTies();
    values[70] = NaN;
    values[vocabSize + 90] = Infinity;
    for (const count of [1, 40]) {
      const chosen = await choose(values, count);
      assert.deepEqual(
        chosen.map(([first]) => first),
        [
          { token: 70, logit: NaN },
          { token: 90, logit: Infinity },
        ],
      );
    }
  });
}
