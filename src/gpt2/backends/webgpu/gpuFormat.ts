import type { Gpt2Config } from "../../config/config";
import type { Precision } from "../../languageModel";
import { type BlockBits, quantizedBlock } from "../../weights/blockQuantize";

/** How numbers are kept and computed with on a GPU. */
export interface GpuFormat {
  /** Of everything but quantized matrices: activations, keys and values, biases, and the matrices of f32 and f16. */
  readonly float: "float32" | "float16";
  /** Of the matrices in the blocks; undefined: they are not quantized. */
  readonly bits: BlockBits | undefined;
  /** Of the head, which loses most by 4 bits. */
  readonly headBits: BlockBits | undefined;
}

/** The format of a precision. @param half whether the device computes in 16 bits; quantized models do then, too */
export function gpuFormat(precision: Precision, half: boolean): GpuFormat {
  switch (precision) {
    case "f32":
      return { float: "float32", bits: undefined, headBits: undefined };
    case "f16":
      return { float: "float16", bits: undefined, headBits: undefined };
    case "int8":
      return { float: half ? "float16" : "float32", bits: 8, headBits: 8 };
    case "int4":
      return { float: half ? "float16" : "float32", bits: 4, headBits: 8 };
  }
}

/** Bytes of a number that is not quantized. */
export function floatBytes({ float }: GpuFormat): 2 | 4 {
  return float === "float16" ? 2 : 4;
}

/** Whether ONNX Runtime's WebGPU shaders can run a model: they work on whole vectors, and quantized matrices on whole blocks. */
export function fitsGpu({ width, heads, innerWidth }: Gpt2Config, precision: Precision): boolean {
  const quantized = precision === "int8" || precision === "int4";
  const multiple = quantized ? quantizedBlock : 4;
  return (width / heads) % 4 === 0 && width % multiple === 0 && innerWidth % multiple === 0;
}
