import type { Gpt2Config } from "../config/config";
import { hasHead } from "../config/part";
import type { Precision } from "../languageModel";
import { elementCount, isLinearWeight, tensorShapes } from "./tensorShapes";

/** Changes when weights are prepared in another way for the same model and precision. */
export const preparedVersion = 1;

/** A tensor in the form that a backend computes with. */
export interface PreparedWeight {
  /** Name in the weights. */
  readonly tensor: string;
  /** Name once prepared; an 8-bit matrix has its scales under another, see {@link scalesOf}. */
  readonly name: string;
  readonly shape: readonly number[];
  /** 8 bits with a scale per column. */
  readonly quantized: boolean;
  /** Stored `[out, in]`, computed with as `[in, out]`. */
  readonly transposed: boolean;
}

/** Name of the scales of an 8-bit matrix. */
export function scalesOf(name: string): string {
  return `${name}.scales`;
}

/** Name of the head's matrix, `[D, V]`, which tied models share with the token embedding. */
export const headWeight = "head.weight";

/** Everything that a forward pass computes with, in its order; the embedding tables are not part of it. */
export function preparedWeightList(config: Gpt2Config, precision: Precision): readonly PreparedWeight[] {
  const quantized = precision === "int8";
  const list: PreparedWeight[] = [];
  for (const [tensor, shape] of tensorShapes(config)) {
    if (tensor === "wte.weight" || tensor === "wpe.weight" || tensor === "lm_head.weight") continue;
    const isMatrix = isLinearWeight(tensor);
    list.push({ tensor, name: tensor, shape, quantized: quantized && isMatrix, transposed: false });
  }
  if (!hasHead(config)) return list;
  const head = config.tiedHead ? "wte.weight" : "lm_head.weight";
  const shape = [config.width, config.vocabSize];
  return [...list, { tensor: head, name: headWeight, shape, quantized, transposed: true }];
}

const matrixBytes: Readonly<Record<Precision, number>> = { int8: 1, f32: 4, f16: 2, int4: 0.5 };
/** In int4 the head has 8 bits. */
const headBytes: Readonly<Record<Precision, number>> = { ...matrixBytes, int4: 1 };

/** Bytes that the weights of {@link preparedWeightList} take, without the scales of quantized matrices. */
export function preparedBytes(config: Gpt2Config, precision: Precision): number {
  const bytesEach = ({ name, shape }: PreparedWeight) => {
    if (shape.length < 2) return 4;
    return (name === headWeight ? headBytes : matrixBytes)[precision];
  };
  return preparedWeightList(config, precision).reduce(
    (sum, weight) => sum + elementCount(weight.shape) * bytesEach(weight),
    0,
  );
}
