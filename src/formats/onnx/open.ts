import type { ByteSource } from "../byteSource";
import { ModelFileError } from "../errors";
import type { OpenSibling, WeightsFormat } from "../format";
import { layoutOf } from "../numbers/decode";
import { type PlacedTensor, TensorReader } from "../tensorReader";
import { BadMessage } from "../protobuf";
import { type Initializer, type OnnxModel, readOnnx } from "./model";
import { quantizedLayout } from "./quantized";

/** `TensorProto.DataType` by number. */
const types: ReadonlyMap<number, string> = new Map([
  [1, "F32"],
  [2, "U8"],
  [3, "I8"],
  [6, "I32"],
  [7, "I64"],
  [9, "BOOL"],
  [10, "F16"],
  [11, "F64"],
  [16, "BF16"],
]);

/** Scales and zero points of one tensor. */
const largestScales = 4 << 20;

/** Fields of a `ModelProto` that may follow the version, as the bytes that they begin with. */
const secondFields = new Set([0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]);

/**
 * ONNX: the weights are read out of a graph's constants and the graph itself is not run. Dynamically quantized models (`NAME_quantized` with
 * `NAME_scale` and `NAME_zero_point`) are read too.
 */
export const onnxFormat: WeightsFormat = {
  id: "onnx",
  name: "ONNX",
  endings: [".onnx"],
  usualNames: ["decoder_model_merged.onnx", "model.onnx", "decoder_with_past_model.onnx", "decoder_model.onnx"].flatMap(
    (name) => [name, `onnx/${name}`],
  ),
  selfDescribing: false,
  // The version comes first: field 1, a small number.
  detect: (start) => start[0] === 8 && (start[1] ?? 0) < 32 && secondFields.has(start[2] ?? 0),
  open: openOnnx,
};

async function openOnnx(source: ByteSource, openSibling?: OpenSibling): Promise<TensorReader> {
  const sources = new Map([["", source]]);
  try {
    const model = await readOnnx(source);
    const tensors = new Map<string, PlacedTensor>();
    for (const initializer of model.initializers) {
      const file = initializer.file ?? "";
      const known = sources.get(file) ?? (await openData(initializer, openSibling));
      sources.set(file, known);
      tensors.set(initializer.name, placed(initializer, known));
    }
    return new TensorReader("onnx", [...sources.values()], new Map(), await named(tensors, model));
  } catch (error) {
    await Promise.all(Array.from(sources.values(), (opened) => opened[Symbol.asyncDispose]()));
    if (!(error instanceof BadMessage)) throw error;
    throw new ModelFileError(`${source.name} is not a usable ONNX file: ${error.message}.`, { cause: error });
  }
}

/** A file with the data of large tensors, which lies beside the model. */
async function openData({ name, file = "" }: Initializer, openSibling?: OpenSibling): Promise<ByteSource> {
  if (!/^[^/\\]+$/.test(file) || file.startsWith("..")) {
    throw new BadMessage(`its tensor ${name} is in “${file}”, which is not a file beside it`);
  }
  if (openSibling === undefined) throw new BadMessage(`the file ${file} with its numbers is missing`);
  return openSibling(file);
}

function placed({ name, shape, type, offset, byteLength }: Initializer, source: ByteSource): PlacedTensor {
  const typeName = types.get(type) ?? `type ${type}`;
  const layout = layoutOf(typeName);
  const numbers = shape.reduce((product, size) => product * size, 1);
  if (layout !== undefined && numbers * layout.bytes !== byteLength) {
    throw new BadMessage(`its tensor ${name} has another size than its shape says`);
  }
  if (offset + byteLength > source.size) throw new BadMessage(`its tensor ${name} is cut short`);
  return { name, shape, type: typeName, byteLength, offset, source };
}

/** The tensors by the names of the model that was exported, quantized ones as what they stand for. */
async function named(stored: ReadonlyMap<string, PlacedTensor>, { multipliedBy }: OnnxModel) {
  const tensors = new Map<string, PlacedTensor>();
  for (const tensor of stored.values()) {
    const quantized = await dequantized(tensor, stored);
    const found = quantized ?? tensor;
    const name = moduleName(found.name, multipliedBy.get(tensor.name));
    if (!tensors.has(name)) tensors.set(name, { ...found, name });
  }
  return tensors;
}

/** Exporters name constants after the module, unless they had to turn a matrix: that is found by the node that multiplies with it. */
function moduleName(name: string, node: string | undefined): string {
  const plain = name.replace(/_merged_\d+$/, "");
  const path = node === undefined ? undefined : /^\/(.+)\/(?:MatMul|Gemm)[^/]*$/.exec(node)?.[1];
  return /^(onnx::|\d+$|val_\d+$|MatMul)/.test(plain) && path !== undefined
    ? `${path.replaceAll("/", ".")}.weight`
    : plain;
}

const quantizedEnding = "_quantized";

/** What `NAME_quantized` stands for; undefined for a tensor that is not quantized. */
async function dequantized(
  tensor: PlacedTensor,
  stored: ReadonlyMap<string, PlacedTensor>,
): Promise<PlacedTensor | undefined> {
  const plain = tensor.name.replace(/_merged_\d+$/, "");
  if (!plain.endsWith(quantizedEnding) || (tensor.type !== "I8" && tensor.type !== "U8")) return undefined;
  const name = plain.slice(0, -quantizedEnding.length);
  const part = (ending: string) => stored.get(`${name}_${ending}`) ?? stored.get(`${name}_${ending}_merged_0`);
  const [scale, zeroPoint] = [part("scale"), part("zero_point")];
  const floats = scale && layoutOf(scale.type);
  if (scale === undefined || floats === undefined) throw new BadMessage(`the scale of its tensor ${name} is missing`);
  if (scale.byteLength > largestScales || (zeroPoint?.byteLength ?? 0) > largestScales) {
    throw new BadMessage(`the scale of its tensor ${name} makes no sense`);
  }
  const scales = new Float32Array(scale.byteLength / floats.bytes);
  floats.decode(await scale.source.read(scale.offset, scale.byteLength), scales, 0);
  const zeros = await zeroPoint?.source.read(zeroPoint.offset, zeroPoint.byteLength);
  const layout = quantizedLayout(tensor.shape, tensor.type === "I8", scales, zeros);
  if (layout === undefined) throw new BadMessage(`the scale of its tensor ${name} makes no sense`);
  return { ...tensor, name, type: `${tensor.type} with scales`, layout };
}
