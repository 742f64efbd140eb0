import { ggufModel } from "../../models/ggufModel";
import { tensorShapes } from "../../src/gpt2/weights/tensorShapes";
import { parseHuggingFaceConfig } from "../../src/gpt2/config/huggingFaceConfig";
import { collect } from "../fixtures/ggufWriter";
import { onnxBytes } from "../fixtures/onnxWriter";
import { type PickledTensor, pytorchArchive, pytorchStream, stateDictPickle } from "../fixtures/pickleWriter";
import { safetensorsBytes } from "../fixtures/safetensorsWriter";
import { type FileTensor, randomWeights } from "../fixtures/syntheticModel";

/** The files of a model by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

const config = {
  model_type: "gpt2",
  vocab_size: 24,
  n_positions: 8,
  n_embd: 32,
  n_layer: 2,
  n_head: 2,
};

/** The smallest model that has everything, some 60 kB, in each format. */
export async function baseModels(): Promise<ReadonlyMap<string, Files>> {
  const weights = randomWeights(parseHuggingFaceConfig(JSON.stringify(config)));
  const tensors = await Promise.all(
    Array.from(tensorShapes(weights.config), async ([name, shape]): Promise<FileTensor> => {
      return { name, shape, values: await weights.read(name) };
    }),
  );
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const withConfig = (files: Readonly<Record<string, Uint8Array>>): Files =>
    new Map([["config.json", json(config)], ...Object.entries(files)]);
  const gguf = await collect(ggufModel(weights, { name: "base", type: "Q8_0", vocabulary: new Map() }));
  const half = tensors.length >> 1;
  const index = {
    weight_map: Object.fromEntries(tensors.map(({ name }, i) => [name, i < half ? "a.safetensors" : "b.safetensors"])),
  };
  const pickled = tensors.map(({ name, shape, values }, i) => ({
    name,
    tensor: { key: String(i), storage: "FloatStorage", shape, count: values.length } satisfies PickledTensor,
    bytes: new Uint8Array(values.buffer),
  }));
  const pickle = stateDictPickle(Object.fromEntries(pickled.map(({ name, tensor }) => [name, tensor])));
  const storages = pickled.map(({ tensor: { key, count }, bytes }) => ({ key, count, bytes }));
  return new Map<string, Files>([
    ["GGUF", new Map([["model.gguf", gguf]])],
    [
      "safetensors",
      withConfig({
        "model.safetensors": safetensorsBytes(tensors, "F16"),
        "vocab.json": json({ "!": 0, Hello: 15496 }),
      }),
    ],
    [
      "sharded safetensors",
      withConfig({
        "a.safetensors": safetensorsBytes(tensors.slice(0, half)),
        "b.safetensors": safetensorsBytes(tensors.slice(half)),
        "model.safetensors.index.json": json(index),
      }),
    ],
    [
      "PyTorch archive",
      withConfig({
        "pytorch_model.bin": pytorchArchive(pickle, Object.fromEntries(storages.map(({ key, bytes }) => [key, bytes]))),
      }),
    ],
    [
      "ONNX",
      withConfig({
        "model.onnx": onnxBytes(
          tensors.map(({ name, shape, values }) => ({ name, shape, type: 1, data: new Uint8Array(values.buffer) })),
          [{ name: "/h.0/attn/c_attn/Gemm", operator: "Gemm", inputs: ["x", "h.0.attn.c_attn.weight"] }],
        ),
      }),
    ],
    ["PyTorch stream", withConfig({ "pytorch_model.bin": pytorchStream(pickle, storages) })],
  ]);
}
