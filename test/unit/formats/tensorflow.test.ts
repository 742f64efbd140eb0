import { strict as assert } from "node:assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFiles } from "../../../src/formats/memory";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../src/gpt2/weights/tensorShapes";
import { oracleConfig, oracleFileTensors, syntheticWeights } from "../../fixtures/syntheticModel";
import { tensorflowFiles } from "../../fixtures/tensorflowWriter";

const config = oracleConfig("gpt2-tiny");
const files = () => tensorflowFiles(config, [...oracleFileTensors("gpt2-tiny")]);
const inMemory = (named: Readonly<Record<string, Uint8Array>>) =>
  new MemoryFiles("124M", new Map(Object.entries(named)));

/** The index with what is changed in it. */
function withIndex(change: (index: Buffer) => unknown): MemoryFiles {
  const all = files();
  const index = Buffer.from(all["model.ckpt.index"] ?? []);
  change(index);
  return inMemory({ ...all, "model.ckpt.index": index });
}

describe("OpenAI's TensorFlow checkpoints", () => {
  it("hold the same numbers as other files of the model, by whichever of their files they are opened", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tensorflow-"));
    try {
      for (const [name, bytes] of Object.entries(files())) await writeFile(join(folder, name), bytes);
      const expected = syntheticWeights("gpt2-tiny");
      for (const file of ["", "model.ckpt.index", "model.ckpt.data-00000-of-00001", "hparams.json"]) {
        await using weights = await openWeights(await nodeModelFiles(join(folder, file)));
        assert.equal(weights.storage, "tensorflow F32");
        for (const name of tensorShapes(config).keys()) {
          assert.deepEqual(await weights.read(name), await expected.read(name), name);
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("are refused when a file is missing, cut short or damaged", async () => {
    const { "hparams.json": hparams, ...withoutShape } = files();
    await assert.rejects(openWeights(inMemory(withoutShape)), /no hparams.json beside the checkpoint/);
    const { "model.ckpt.data-00000-of-00001": data, ...withoutData } = files();
    await assert.rejects(openWeights(inMemory(withoutData)), /no file model.ckpt.data-00000-of-00001/);
    await assert.rejects(
      openWeights(
        inMemory({
          ...withoutData,
          "model.ckpt.data-00000-of-00001": (data ?? hparams ?? new Uint8Array()).subarray(9000),
        }),
      ),
      /is cut short: the tensor model\//,
    );
    const cut = { ...files(), "model.ckpt.index": (files()["model.ckpt.index"] ?? new Uint8Array()).subarray(0, 900) };
    await assert.rejects(openWeights(inMemory(cut)), /not a usable TensorFlow checkpoint: it is cut short/);
    await assert.rejects(
      openWeights(withIndex((index) => index.writeUInt8(9, 4))),
      /no file model.ckpt.data-00000-of-00009/,
    );
    const bigEndian = withIndex((index) => index.set([0x10, 1, 0x10, 1], 5));
    await assert.rejects(openWeights(bigEndian), /its numbers are big-endian/);
    const typed = withIndex((index) => index.writeUInt8(2, index.indexOf("model/h0/attn/c_attn/b") + 23));
    await assert.rejects(openWeights(typed), /has another size than its shape says/);
    const compressed = withIndex((index) => {
      const end = index.indexOf(Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])) + 8;
      index.writeUInt8(1, end);
    });
    await assert.rejects(openWeights(compressed), /it is compressed/);
  });

  it("of names without end are refused before they take memory", async () => {
    // Each entry takes three bytes and repeats the whole key of the one before.
    const key = Buffer.alloc(1 << 20, 97);
    const entries = Buffer.alloc(3 << 20);
    for (let i = 0; i < entries.length; i += 3) entries.set([0x80, 0x80, 0x40], i);
    const first = Buffer.from([0, 0, 4, 8, 1, 0x10, 0]);
    const block = Buffer.concat([
      first,
      Buffer.from([0, 0x80, 0x80, 0x40, 0]),
      key,
      entries,
      Buffer.from([0, 0, 0, 0]),
    ]);
    const footer = Buffer.alloc(48);
    footer.set([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], 40);
    const size = [
      0x80 | (block.length & 127),
      0x80 | ((block.length >> 7) & 127),
      0x80 | ((block.length >> 14) & 127),
      block.length >> 21,
    ];
    footer.set([0, 0, 0, ...size], 0);
    const index = Buffer.concat([block, Buffer.alloc(5), footer]);
    await assert.rejects(
      openWeights(inMemory({ ...files(), "model.ckpt.index": index })),
      /not a usable TensorFlow checkpoint/,
    );
  });
});
