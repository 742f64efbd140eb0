import type { Gpt2Config } from "../../config/config";
import { quantizedBlock } from "../../weights/blockQuantize";
import { elementCount, isLinearWeight, tensorShapes } from "../../weights/tensorShapes";
import type { Gpt2Weights } from "../../weights/weights";
import type { GpuFormat } from "./gpuFormat";

/** Random weights that a format represents exactly, so that what differs afterwards is the computation. Each is made when it is read. */
export function selfTestWeights(config: Gpt2Config, { bits, headBits }: GpuFormat): Gpt2Weights {
  const shapes = tensorShapes(config);
  return {
    config,
    fingerprint: "self-test",
    storage: "self-test",
    read: (name) => {
      const shape = shapes.get(name) ?? [];
      const random = randomNumbers(name);
      const values = Float32Array.from({ length: elementCount(shape) }, random);
      const [rows = 0, columns = 1] = shape;
      if (isLinearWeight(name)) toSteps(values, columns, 1.5 / Math.sqrt(rows), bits ?? 8);
      else if (name === "wte.weight") toSteps(values, 1, 0.5, headBits ?? 8);
      else if (name.endsWith("weight") && name.includes("ln_")) values.forEach((v, i) => (values[i] = 1 + v / 4));
      else values.forEach((v, i) => (values[i] = v / 8));
      return Promise.resolve(values);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * Rounds numbers from −1 to 1 to whole steps of a power of two. The first of each block is the largest that the bits allow, so that the
 * block's scale is that step.
 * @param stride distance of two numbers of a block
 * @param range about the largest magnitude
 */
function toSteps(values: Float32Array, stride: number, range: number, bits: number): void {
  const most = 2 ** (bits - 1) - 1;
  const step = 2 ** Math.round(Math.log2(range / most));
  values.forEach((value, i) => {
    const first = Math.floor(i / stride) % quantizedBlock === 0;
    values[i] = step * (first ? most * Math.sign(value || 1) : Math.round(value * most));
  });
}

/** Numbers from −1 to 1, in 15 bits, the same for the same name. */
function randomNumbers(name: string): () => number {
  let state = 7;
  for (const character of name) state = (Math.imul(state, 31) + character.charCodeAt(0)) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 17) / 2 ** 14 - 1;
  };
}
