import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelFileError } from "../../../src/formats/errors";
import { MemoryFiles, MemorySource } from "../../../src/formats/memory";
import { nodeModelFiles } from "../../../src/formats/nodeFiles";
import { openTensorFile } from "../../../src/formats/registry";
import { openWeights } from "../../../src/gpt2/weights/openWeights";
import { tensorShapes } from "../../../src/gpt2/weights/tensorShapes";
import { transpose } from "../../../src/gpt2/weights/transpose";
import { onnxBytes, type OnnxNode, type OnnxTensor } from "../../fixtures/onnxWriter";
import { oracleConfigJson, oracleFileTensors, type OracleModel, syntheticWeights } from "../../fixtures/syntheticModel";

const bytesOf = (numbers: Float32Array | Int8Array) =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const open = (bytes: Uint8Array) => openTensorFile(new MemorySource("model.onnx", bytes));
const float = (name: string, shape: readonly number[], values: Float32Array): OnnxTensor => {
  return { name, shape, type: 1, data: bytesOf(values) };
};

/** What PyTorch's exporter makes of a model: Conv1D weights keep their names, those of linear layers are turned and lose them. */
function exported(model: OracleModel): { tensors: OnnxTensor[]; nodes: OnnxNode[] } {
  const nodes: OnnxNode[] = [];
  const tensors = Array.from(oracleFileTensors(model), ({ name, shape, values }, i): OnnxTensor => {
    const whole = name.startsWith("transformer.") ? name : `transformer.${name}`;
    if (model !== "bigcode-tiny" || !/c_(attn|proj|fc)\.weight$/.test(name)) return float(whole, shape, values);
    const [outputs = 0, inputs = 0] = shape;
    const path = `/${whole
      .replace(/\.weight$/, "")
      .replaceAll(".", "/")
      .replace("/h/", "/h.")}/MatMul`;
    nodes.push({ name: path, operator: "MatMul", inputs: ["x", `onnx::MatMul_${i}`] });
    return float(`onnx::MatMul_${i}`, [inputs, outputs], transpose(values, outputs, inputs));
  });
  return { tensors, nodes };
}

function files(model: OracleModel, more: Readonly<Record<string, Uint8Array>>): MemoryFiles {
  const config = new TextEncoder().encode(JSON.stringify(oracleConfigJson(model)));
  return new MemoryFiles("exported", new Map([["config.json", config], ...Object.entries(more)]));
}

async function assertSame(model: OracleModel, opened: Parameters<typeof openWeights>[0]): Promise<void> {
  await using weights = await openWeights(opened);
  await using source = syntheticWeights(model);
  assert.equal(weights.storage, "onnx F32");
  for (const name of tensorShapes(source.config).keys()) {
    assert.ok(Buffer.from(bytesOf(await source.read(name))).equals(bytesOf(await weights.read(name))), name);
  }
}

describe("ONNX exports", () => {
  it("hold GPT-2's weights under their names, also in merged exports", async () => {
    const { tensors } = exported("gpt2-tiny");
    await assertSame("gpt2-tiny", files("gpt2-tiny", { "model.onnx": onnxBytes(tensors) }));
    const merged = tensors.map((tensor) => ({ ...tensor, name: `${tensor.name}_merged_0` }));
    await assertSame("gpt2-tiny", files("gpt2-tiny", { "decoder_model_merged.onnx": onnxBytes(merged) }));
  });

  it("hold GPT-BigCode's linear weights turned, found by the nodes that use them", async () => {
    const { tensors, nodes } = exported("bigcode-tiny");
    await assertSame("bigcode-tiny", files("bigcode-tiny", { "model.onnx": onnxBytes(tensors, nodes) }));
    await assertSame("bigcode-tiny", files("bigcode-tiny", { "model.onnx": onnxBytes(tensors, [], nodes) }));
  });

  it("hold a tied model's table once, turned for the head", async () => {
    const tensors = exported("gpt2-tiny").tensors.flatMap((tensor): OnnxTensor[] => {
      if (tensor.name !== "transformer.wte.weight") return [tensor];
      const table = [...oracleFileTensors("gpt2-tiny")].find(({ name }) => name === "wte.weight");
      return [float("onnx::MatMul_1", [64, 50257], transpose(table?.values ?? new Float32Array(), 50257, 64))];
    });
    const head = { name: "/lm_head/MatMul", operator: "MatMul", inputs: ["x", "onnx::MatMul_1"] };
    await assertSame("gpt2-tiny", files("gpt2-tiny", { "model.onnx": onnxBytes(tensors, [head]) }));
  });

  it("may keep numbers in a file beside them, and lie in a folder beside the config", async () => {
    const folder = await mkdtemp(join(tmpdir(), "onnx-"));
    try {
      const parts: Uint8Array[] = [];
      let offset = 0;
      const tensors = exported("gpt2-tiny").tensors.map((tensor): OnnxTensor => {
        if (!(tensor.data instanceof Uint8Array) || tensor.data.length < 1024) return tensor;
        parts.push(tensor.data);
        const data = { file: "model.onnx_data", offset, length: tensor.data.length };
        offset += tensor.data.length;
        return { ...tensor, data };
      });
      await mkdir(join(folder, "onnx"));
      await writeFile(join(folder, "config.json"), JSON.stringify(oracleConfigJson("gpt2-tiny")));
      await writeFile(join(folder, "onnx", "model.onnx"), onnxBytes(tensors));
      await writeFile(join(folder, "onnx", "model.onnx_data"), Buffer.concat(parts));
      await assertSame("gpt2-tiny", await nodeModelFiles(folder));
      await assertSame("gpt2-tiny", await nodeModelFiles(join(folder, "onnx", "model.onnx")));
      await rm(join(folder, "onnx", "model.onnx_data"));
      await assert.rejects(nodeModelFiles(folder).then(openWeights), /no file onnx\/model.onnx_data/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("dequantize with one scale, a scale for each column, or one for each row", async () => {
    const scaled = (
      name: string,
      scales: readonly number[],
      zeros: readonly number[],
      signed: boolean,
    ): OnnxTensor[] => [
      { name: `${name}_quantized`, shape: [2, 3], type: signed ? 3 : 2, data: Uint8Array.of(0, 1, 2, 128, 254, 255) },
      float(`${name}_scale`, scales.length === 1 ? [] : [scales.length], Float32Array.from(scales)),
      { name: `${name}_zero_point`, shape: [zeros.length], type: signed ? 3 : 2, data: Uint8Array.from(zeros) },
    ];
    await using file = await open(
      onnxBytes(
        [
          ...scaled("one", [0.5], [128], false),
          ...scaled("column", [1, 2, 4], [0, 0, 1], true),
          ...scaled("row", [1, 0.25], [0, 0], true),
          ...scaled("onnx::MatMul_9", [1], [0], true),
        ],
        [
          {
            name: "/transformer/h.0/attn/c_attn/MatMul_quant",
            operator: "MatMulInteger",
            inputs: ["x", "onnx::MatMul_9_quantized"],
          },
        ],
      ),
    );
    assert.equal(file.canRead("one"), true);
    assert.deepEqual(await file.read("one"), Float32Array.of(-64, -63.5, -63, 0, 63, 63.5));
    assert.deepEqual(await file.read("column"), Float32Array.of(0, 2, 4, -128, -4, -8));
    assert.deepEqual(await file.read("column", { from: 1, count: 1 }), Float32Array.of(-128, -4, -8));
    assert.deepEqual(await file.read("row"), Float32Array.of(0, 1, 2, -32, -0.5, -0.25));
    assert.deepEqual(await file.read("transformer.h.0.attn.c_attn.weight"), Float32Array.of(0, 1, 2, -128, -2, -1));
    await assert.rejects(
      open(onnxBytes(scaled("two", [1, 2, 3, 4, 5], [0, 0, 0, 0, 0], true))),
      /scale of its tensor two makes no sense/,
    );
    await assert.rejects(
      open(onnxBytes(scaled("none", [1], [0], true).slice(0, 1))),
      /scale of its tensor none is missing/,
    );
  });

  it("are refused when damaged", async () => {
    const one = float("a", [2], Float32Array.of(1, 2));
    const refused: readonly [Uint8Array, RegExp][] = [
      [onnxBytes([]), /holds no weights/],
      [onnxBytes([{ ...one, shape: [3] }]), /tensor a has another size/],
      [onnxBytes([{ ...one, shape: [2 ** 40, 2 ** 40] }]), /tensor a has another size/],
      [onnxBytes([{ ...one, data: { file: "../secret", offset: 0, length: 8 } }]), /is not a file beside it/],
      [onnxBytes([{ ...one, data: { file: "d", offset: 0, length: 8 } }]), /the file d with its numbers is missing/],
      [onnxBytes([{ ...one, data: { file: "d", offset: -1, length: 8 } }]), /place of its tensor a makes no sense/],
      [onnxBytes([one]).subarray(0, 25), /cut short or damaged/],
    ];
    for (const [bytes, message] of refused) {
      await assert.rejects(open(bytes), (error: unknown) => {
        assert.ok(error instanceof ModelFileError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });
});
