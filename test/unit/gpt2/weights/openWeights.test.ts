import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFiles } from "../../../../src/formats/byteSource";
import { ModelFileError } from "../../../../src/formats/errors";
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from "../../../../src/formats/numbers/floats";
import { MemoryFiles } from "../../../../src/formats/memory";
import { nodeModelFiles } from "../../../../src/formats/nodeFiles";
import { inspectModel } from "../../../../src/gpt2/weights/inspect";
import { groupQkv } from "../../../../src/gpt2/weights/groupQkv";
import { openWeights } from "../../../../src/gpt2/weights/openWeights";
import { isLinearWeight, tensorShapes } from "../../../../src/gpt2/weights/tensorShapes";
import { transpose } from "../../../../src/gpt2/weights/transpose";
import { savedByPytorch } from "../../../fixtures/pytorchFiles";
import { safetensorsBytes, type SafetensorsOptions, writeSafetensorsModel } from "../../../fixtures/safetensorsWriter";
import {
  type FileTensor,
  oracleConfigJson,
  oracleFileTensors,
  type OracleModel,
  syntheticWeights,
} from "../../../fixtures/syntheticModel";

/** An oracle model in memory, with a changed config or changed tensors. */
function modelFiles(
  name: OracleModel,
  config: object = {},
  change: (tensors: FileTensor[]) => FileTensor[] = (tensors) => tensors,
): ModelFiles {
  const json = new TextEncoder().encode(JSON.stringify({ ...oracleConfigJson(name), ...config }));
  const tensors = safetensorsBytes(change([...oracleFileTensors(name)]));
  return new MemoryFiles(
    name,
    new Map([
      ["config.json", json],
      ["model.safetensors", tensors],
    ]),
  );
}

const rounded = {
  F32: (value: number) => value,
  F64: (value: number) => value,
  F16: (value: number) => halfToFloat(floatToHalf(value)),
  BF16: (value: number) => bfloatToFloat(floatToBfloat(value)),
};

async function assertSameWeights(
  files: ModelFiles,
  name: OracleModel,
  type: keyof typeof rounded = "F32",
  format = "safetensors",
) {
  await using weights = await openWeights(files);
  await using source = syntheticWeights(name);
  assert.deepEqual(weights.config, source.config);
  assert.equal(weights.storage, `${format} ${type}`);
  for (const tensor of tensorShapes(source.config).keys()) {
    const expected = (await source.read(tensor)).map(rounded[type]);
    assert.ok(Buffer.from(expected.buffer).equals(Buffer.from((await weights.read(tensor)).buffer)), tensor);
  }
}

describe("openWeights", () => {
  let folder = "";
  before(async () => (folder = await mkdtemp(join(tmpdir(), "weights-"))));
  after(() => rm(folder, { recursive: true }));

  const variants: readonly [string, OracleModel, SafetensorsOptions][] = [
    ["as published", "gpt2-tiny", {}],
    ["with the transformer. prefix", "gpt2-tiny", { prefix: "transformer." }],
    ["in F16", "gpt2-tiny", { type: "F16" }],
    ["in BF16", "gpt2-tiny", { type: "BF16" }],
    ["in three shards", "gpt2-tiny", { shards: 3 }],
    ["with another inner width", "gpt2-tiny-inner", {}],
    ["of GPT-BigCode", "bigcode-tiny", {}],
  ];
  for (const [what, model, options] of variants) {
    it(`reads a folder ${what}`, async () => {
      const path = join(folder, what.replaceAll(" ", "-"));
      await writeSafetensorsModel(path, model, options);
      await assertSameWeights(await nodeModelFiles(path), model, options.type);
    });
  }

  it("reads a single .safetensors file with the config.json beside it", async () => {
    const path = join(folder, "single");
    await writeSafetensorsModel(path, "gpt2-tiny");
    const files = await nodeModelFiles(join(path, "model.safetensors"));
    assert.equal(files.name, "single");
    await assertSameWeights(files, "gpt2-tiny");
  });

  for (const form of ["zip", "stream"] as const) {
    it(`reads a folder with a pytorch_model.bin (${form})`, async () => {
      const path = join(folder, form);
      await writeSafetensorsModel(path, "gpt2-tiny");
      await rm(join(path, "model.safetensors"));
      await writeFile(join(path, "pytorch_model.bin"), savedByPytorch(form));
      await assertSameWeights(await nodeModelFiles(path), "gpt2-tiny", "F32", "pytorch");
      await assertSameWeights(await nodeModelFiles(join(path, "pytorch_model.bin")), "gpt2-tiny", "F32", "pytorch");
      await writeFile(join(path, "optimizer.pt"), "not a model");
      await assertSameWeights(await nodeModelFiles(path), "gpt2-tiny", "F32", "pytorch");
    });
  }

  it("passes over the attention masks of old files, and a head that the config ties", async () => {
    const extra = (name: string, shape: readonly number[]): FileTensor => ({
      name,
      shape,
      values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    });
    const files = modelFiles("gpt2-tiny", {}, (tensors) => [
      ...tensors,
      extra("h.0.attn.bias", [1, 1, 128, 128]),
      extra("h.0.attn.masked_bias", []),
      extra("lm_head.weight", [50257, 64]),
    ]);
    await assertSameWeights(files, "gpt2-tiny");
  });

  it("reads the head of an untied model", async () => {
    const head = new Float32Array(50257 * 64).fill(0.5);
    const files = modelFiles("gpt2-tiny", { tie_word_embeddings: false }, (tensors) => [
      ...tensors,
      { name: "lm_head.weight", shape: [50257, 64], values: head },
    ]);
    await using weights = await openWeights(files);
    assert.deepEqual(await weights.read("lm_head.weight"), head);
    await assert.rejects(openWeights(modelFiles("gpt2-tiny", { tie_word_embeddings: false })), /lacks.*lm_head.weight/);
  });

  it("sorts q, k and v of a GPT-BigCode with a key/value head per head", async () => {
    // Output row r of head h, part p (q, k or v) has the value 100 p + 10 h + row everywhere, stored head by head.
    const [heads, width] = [4, 16];
    const rows = Array.from({ length: heads }, (_, head) =>
      Array.from({ length: 3 * width }, (_, i) => 100 * Math.floor(i / width) + 10 * head + (i % width) / 100),
    ).flat();
    const files = modelFiles("bigcode-tiny", { multi_query: false }, (tensors) =>
      tensors.map((tensor) => {
        if (tensor.name.endsWith("c_attn.bias")) return { ...tensor, shape: [192], values: Float32Array.from(rows) };
        if (!tensor.name.endsWith("c_attn.weight")) return tensor;
        return {
          ...tensor,
          shape: [192, 64],
          values: Float32Array.from(rows.flatMap((row) => Array<number>(64).fill(row))),
        };
      }),
    );
    await using weights = await openWeights(files);
    const bias = await weights.read("h.1.attn.c_attn.bias");
    const expected = Float32Array.from({ length: 192 }, (_, i) => {
      const [part, head, row] = [Math.floor(i / 64), Math.floor((i % 64) / 16), i % 16];
      return 100 * part + 10 * head + row / 100;
    });
    assert.deepEqual(bias, expected);
    const weight = await weights.read("h.1.attn.c_attn.weight");
    for (const input of [0, 63]) assert.deepEqual(weight.subarray(192 * input, 192 * (input + 1)), expected);
    assert.throws(() => groupQkv(new Float32Array(10), { heads: 4, width: 64 }), RangeError);
  });

  it("takes whatever stands before all names for a prefix", async () => {
    for (const prefix of ["module.", "model.", "module.transformer.", "_orig_mod.transformer."]) {
      const renamed = (tensors: FileTensor[]) => tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
      await assertSameWeights(modelFiles("gpt2-tiny", {}, renamed), "gpt2-tiny");
    }
  });

  it("reads a GPT-2 whose linear layers are stored [out, in]", async () => {
    const turned = (tensors: FileTensor[]) =>
      tensors.map((tensor) => {
        if (!isLinearWeight(tensor.name)) return tensor;
        const [inputs = 0, outputs = 0] = tensor.shape;
        return { ...tensor, shape: [outputs, inputs], values: transpose(tensor.values, inputs, outputs) };
      });
    await assertSameWeights(modelFiles("gpt2-tiny", {}, turned), "gpt2-tiny");
  });

  it("finds tied weights that were saved under the head's name only", async () => {
    const asHead = (tensor: FileTensor) =>
      tensor.name === "wte.weight" ? "lm_head.weight" : `transformer.${tensor.name}`;
    const renamed = (tensors: FileTensor[]) => tensors.map((tensor) => ({ ...tensor, name: asHead(tensor) }));
    await assertSameWeights(modelFiles("gpt2-tiny", {}, renamed), "gpt2-tiny");
    const untied = modelFiles("gpt2-tiny", { tie_word_embeddings: false }, renamed);
    await assert.rejects(openWeights(untied), /lacks the tensor transformer.wte.weight/);
  });

  it("refuses a config with fewer or many more layers than the file", async () => {
    await assert.rejects(
      openWeights(modelFiles("gpt2-tiny", { n_layer: 1 })),
      /more layers than the 1 that.*holds the tensor h.1.ln_1.weight/,
    );
    await assert.rejects(openWeights(modelFiles("gpt2-tiny", { n_layer: 2 ** 24 })), /too few for the 16777216 layers/);
  });

  it("refuses numbers that are not finite, naming the tensor", async () => {
    for (const [name, value] of [
      ["h.0.mlp.c_fc.weight", NaN],
      ["ln_f.weight", Infinity],
      ["wte.weight", -Infinity],
    ] as const) {
      const damaged = (tensors: FileTensor[]) =>
        tensors.map((tensor) => {
          if (tensor.name !== name) return tensor;
          const values = tensor.values.slice();
          values[values.length - 1] = value;
          return { ...tensor, values };
        });
      await using weights = await openWeights(modelFiles("gpt2-tiny", {}, damaged));
      await assert.rejects(weights.read(name), new RegExp(`its tensor ${name} holds numbers that are not finite`));
      await weights.read("h.0.ln_1.weight");
    }
  });

  it("looks at a few tokens of the vocabulary beside the weights", async () => {
    const tokenizerOf = async (name: string, json: object) => {
      const model = modelFiles("gpt2-tiny");
      const vocabulary = new MemoryFiles("v", new Map([[name, new TextEncoder().encode(JSON.stringify(json))]]));
      const files: ModelFiles = {
        name: "tiny",
        names: [...model.names, name],
        open: (wanted) => (wanted === name ? vocabulary.open(name) : model.open(wanted)),
      };
      await using weights = await openWeights(files);
      return weights.config.tokenizer;
    };
    const gpt2 = {
      "!": 0,
      ".": 13,
      Ġthe: 262,
      ale: 1000,
      Hello: 15496,
      ĠMineral: 30000,
      "<|endoftext|>": 50256,
    };
    const { "<|endoftext|>": end, ...ordinary } = gpt2;
    const added = [{ id: end, content: "<|endoftext|>" }];
    assert.equal(await tokenizerOf("vocab.json", gpt2), "gpt2");
    assert.equal(await tokenizerOf("tokenizer.json", { model: { vocab: ordinary }, added_tokens: added }), "gpt2");
    assert.equal(await tokenizerOf("vocab.json", { ...gpt2, Hello: 15495 }), "custom (vocab.json)");
    assert.equal(await tokenizerOf("tokenizer.json", { model: { vocab: {} } }), "custom (tokenizer.json)");
  });

  it("opens a shard, an index, config.json or one of several files in the place of their folder", async () => {
    const path = join(folder, "by-any-file");
    await writeSafetensorsModel(path, "gpt2-tiny", { shards: 3 });
    for (const file of ["model-00002-of-00003.safetensors", "model.safetensors.index.json", "config.json", ""]) {
      await assertSameWeights(await nodeModelFiles(join(path, file)), "gpt2-tiny");
    }
    await rm(join(path, "model.safetensors.index.json"));
    await assertSameWeights(await nodeModelFiles(path), "gpt2-tiny");
    await rm(join(path, "model-00003-of-00003.safetensors"));
    await assert.rejects(
      nodeModelFiles(join(path, "model-00001-of-00003.safetensors")),
      /is one of 3 files of a model, and model-00003-of-00003.safetensors is not beside it/,
    );
  });

  it("opens two files that hold a part of the model each, whatever they are called, but not two whole ones", async () => {
    const path = join(folder, "two-files");
    await writeSafetensorsModel(path, "gpt2-tiny");
    const tensors = [...oracleFileTensors("gpt2-tiny")];
    await rm(join(path, "model.safetensors"));
    await writeFile(join(path, "first.safetensors"), safetensorsBytes(tensors.slice(0, 9)));
    await writeFile(join(path, "rest.safetensors"), safetensorsBytes(tensors.slice(9)));
    await assertSameWeights(await nodeModelFiles(path), "gpt2-tiny");
    await writeFile(join(path, "rest.safetensors"), safetensorsBytes(tensors));
    await assert.rejects(
      nodeModelFiles(path).then(openWeights),
      /several files with weights \(.*both hold the tensor.*Name the one to open: first.safetensors, rest.safetensors/,
    );
    await assertSameWeights(await nodeModelFiles(join(path, "rest.safetensors")), "gpt2-tiny");
  });

  it("knows a file by its content when its name says nothing, and says what else a file may be", async () => {
    const path = join(folder, "blobs");
    await writeSafetensorsModel(path, "gpt2-tiny");
    await rename(join(path, "model.safetensors"), join(path, "blob"));
    await assertSameWeights(await nodeModelFiles(join(path, "blob")), "gpt2-tiny");
    await assertSameWeights(await nodeModelFiles(path), "gpt2-tiny");
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 548105171\n";
    await writeFile(join(path, "model.safetensors"), pointer);
    await assert.rejects(
      nodeModelFiles(path).then(openWeights),
      /model.safetensors holds no weights.*Git LFS pointer.*git lfs pull/,
    );
    await writeFile(join(path, "model.safetensors"), "<!DOCTYPE html><html>");
    await assert.rejects(nodeModelFiles(path).then(openWeights), /it is a web page/);
  });

  it("names the tensor that is missing or has a wrong shape", async () => {
    const without = modelFiles("gpt2-tiny", {}, (tensors) => tensors.filter(({ name }) => name !== "h.1.ln_2.bias"));
    await assert.rejects(openWeights(without), /lacks the tensor h.1.ln_2.bias/);
    await assert.rejects(
      openWeights(modelFiles("gpt2-tiny", { n_positions: 64 })),
      /wpe.weight has the shape \[128, 64\].*\[64, 64\]/,
    );
    await using weights = await openWeights(modelFiles("gpt2-tiny"));
    await assert.rejects(weights.read("h.2.ln_1.bias"), /no tensor h.2.ln_1.bias/);
  });

  it("says what is missing in a folder without a model", async () => {
    const files = (...names: string[]) =>
      openWeights(new MemoryFiles("here", new Map(names.map((name) => [name, new Uint8Array(9)]))));
    await assert.rejects(files(), /here holds no model. Readable are GGUF \(.gguf\), safetensors/);
    await assert.rejects(files("config.json", "notes.txt", "x"), /here holds no model. Readable are GGUF/);
    await assert.rejects(files("something"), /something is in no format that can be read. Readable are GGUF/);
    const model = modelFiles("gpt2-tiny");
    const bare: ModelFiles = { name: "bare", names: ["model.safetensors"], open: (name) => model.open(name) };
    await assert.rejects(openWeights(bare), /no config.json beside model.safetensors/);
    await assert.rejects(
      files("a.gguf", "b.gguf"),
      /several files with weights \(.*\). Name the one to open: a.gguf, b.gguf/,
    );
    await assert.rejects(files("only.gguf"), ModelFileError);
  });

  it("has a fingerprint that follows the contents", async () => {
    const fingerprint = async (files: ModelFiles) => {
      await using weights = await openWeights(files);
      return weights.fingerprint;
    };
    const first = await fingerprint(modelFiles("gpt2-tiny"));
    assert.match(first, /^[0-9a-f]{64}$/);
    assert.equal(await fingerprint(modelFiles("gpt2-tiny", { attn_pdrop: 0.2 })), first);
    assert.notEqual(await fingerprint(modelFiles("gpt2-tiny", { activation_function: "relu" })), first);
    const scaled = modelFiles("gpt2-tiny", {}, (tensors) =>
      tensors.map((tensor) =>
        tensor.name === "h.0.mlp.c_fc.weight"
          ? { ...tensor, values: tensor.values.map((value) => value * 1.01) }
          : tensor,
      ),
    );
    assert.notEqual(await fingerprint(scaled), first);
  });

  it("closes the file when disposed, and when it cannot be used", async () => {
    const opened: string[] = [];
    const watched = (files: ModelFiles): ModelFiles => ({
      name: files.name,
      names: files.names,
      open: async (name) => {
        const source = await files.open(name);
        opened.push(name);
        source[Symbol.asyncDispose] = () => {
          opened.splice(opened.indexOf(name), 1);
          return Promise.resolve();
        };
        return source;
      },
    });
    {
      await using weights = await openWeights(watched(modelFiles("gpt2-tiny")));
      assert.deepEqual(opened, ["model.safetensors"]);
      await weights.read("ln_f.bias");
    }
    assert.deepEqual(opened, []);
    await assert.rejects(openWeights(watched(modelFiles("gpt2-tiny", { n_layer: 3 }))), ModelFileError);
    await inspectModel(watched(modelFiles("gpt2-tiny")));
    assert.deepEqual(opened, []);
  });
});

describe("transpose", () => {
  it("transposes matrices of any shape", () => {
    for (const [rows, columns] of [
      [1, 1],
      [3, 100],
      [33, 31],
      [64, 64],
    ] as const) {
      const matrix = Float32Array.from({ length: rows * columns }, (_, i) => i);
      const turned = transpose(matrix, rows, columns);
      assert.equal(turned[rows * (columns - 1)], columns - 1);
      assert.deepEqual(transpose(turned, columns, rows), matrix);
    }
  });
});

describe("inspectModel", () => {
  it("reports the content of a model's files", async () => {
    const inspection = await inspectModel(modelFiles("gpt2-tiny"));
    assert.equal(inspection.format, "safetensors");
    assert.equal(inspection.parameters, 3_324_736);
    assert.equal(inspection.tensorBytes, 4 * 3_324_736);
    assert.deepEqual(inspection.storage, [{ type: "F32", tensors: 28, bytes: 13_298_944, elements: 3_324_736 }]);
    assert.deepEqual(inspection.tensors[1], { name: "wpe.weight", shape: [128, 64], type: "F32", byteLength: 32_768 });
    assert.deepEqual(JSON.parse(JSON.stringify(inspection.tensors)), inspection.tensors);
  });
});
