import { strict as assert } from "node:assert";
import { MemoryFiles } from "../../../src/formats/memory";
import { floatToBfloat } from "../../../src/formats/numbers/floats";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../src/gpt2/weights/tensorShapes";
import { llmcBytes } from "../../fixtures/llmcWriter";
import { oracleConfig, oracleFileTensors, syntheticWeights } from "../../fixtures/syntheticModel";

const config = oracleConfig("gpt2-tiny");
const tensors = [...oracleFileTensors("gpt2-tiny")];
const open = (bytes: Uint8Array) => openWeights(new MemoryFiles("gpt2.bin", new Map([["gpt2_tiny.bin", bytes]])));

describe("llm.c's files", () => {
  for (const version of [3, 5] as const) {
    it(`of version ${version} hold the same numbers as other files of the model, without the rows that pad it`, async () => {
      await using weights = await open(llmcBytes(config, tensors, version, 47));
      assert.equal(weights.storage, version === 3 ? "llmc F32" : "llmc BF16");
      assert.deepEqual(weights.config, { ...config, tokenizer: undefined });
      const expected = syntheticWeights("gpt2-tiny");
      for (const name of tensorShapes(config).keys()) {
        const values = await expected.read(name);
        const found = await weights.read(name);
        if (version === 3) assert.deepEqual(found, values, name);
        else
          assert.ok(
            found.every((value, i) => floatToBfloat(value) === floatToBfloat(values[i] ?? NaN)),
            name,
          );
      }
    });
  }

  it("are refused when sizes and file do not fit each other", async () => {
    const changed = (index: number, value: number) => {
      const bytes = Buffer.from(llmcBytes(config, tensors));
      bytes.writeInt32LE(value, 4 * index);
      return bytes;
    };
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [llmcBytes(config, tensors).subarray(0, 600), /ends inside its header/],
      [llmcBytes(config, tensors).subarray(0, -4), /bytes, and its sizes ask for/],
      [Buffer.concat([llmcBytes(config, tensors), Buffer.alloc(4)]), /bytes, and its sizes ask for/],
      [changed(1, 1), /it has version 1, and only 3 and 5 are known/],
      [changed(4, 2 ** 24), /it is cut short/],
      [changed(4, -1), /one of its sizes makes no sense/],
      [changed(6, 2 ** 30), /one of its sizes makes no sense/],
      [changed(7, 5), /it has 5 rows for/],
      [changed(5, 5), /its width \d+ is not a multiple of its 5 heads/],
    ];
    for (const [bytes, message] of cases) await assert.rejects(open(bytes), message);
  });
});
