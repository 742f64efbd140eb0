import type { Precision } from "../../languageModel";
import { magnitude } from "./comparison";
import type { Tensor } from "../../taps";

/**
 * Largest difference that passes. In f32 it is absolute. Otherwise both sides compute with the same dequantized weights, and what is left
 * is that the engine also rounds the activations, to 8 bits before each matrix or all to f16: a share of the tensor's largest magnitude.
 */
interface Tolerance {
  readonly f32: number;
  /** For int8, and all others. */
  readonly int8: number;
}

export const tolerances = {
  qkv: { f32: 1e-4, int8: 0.02 },
  cache: { f32: 1e-4, int8: 0.02 },
  scores: { f32: 1e-4, int8: 0.1 },
  attention: { f32: 1e-4, int8: 0.05 },
  feedForward: { f32: 1e-4, int8: 0.05 },
  block: { f32: 1e-4, int8: 0.05 },
  layers: { f32: 1e-3, int8: 0.08 },
  logits: { f32: 1e-3, int8: 0.08 },
} as const satisfies Record<string, Tolerance>;

/** The largest difference from the expected layer normalization that passes: no matrix comes before it. */
export function allowedNorm({ half }: { readonly half: boolean }): (expected: Tensor) => number {
  return half ? (expected) => 0.01 * magnitude(expected) : () => 1e-5;
}

/** The largest difference from the expected tensor that passes. */
export function allowed(precision: Precision, tolerance: Tolerance): (expected: Tensor) => number {
  return precision === "f32" ? () => tolerance.f32 : (expected) => tolerance.int8 * magnitude(expected);
}
