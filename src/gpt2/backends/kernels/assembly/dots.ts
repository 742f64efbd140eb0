/**
 * Products of 8-bit weights with 8-bit inputs, numbers from 0 to 255, as integers that are exact with and without relaxed SIMD.
 *
 * Without relaxed SIMD, weights and inputs are widened to 16 bits. With it, `i32x4.relaxed_dot_i8x16_i7x16_add_s` takes the weights as signed
 * bytes and the inputs as bytes that are implementation-defined from 128 on: unsigned (x86 with VNNI) or signed (ARM). Where they are signed,
 * inputs are stored less 128 and sums start at 128·Σw. Where they are neither (x86 without VNNI, where sums saturate), the host does not
 * use the module, see `../relaxedDot.ts`.
 */

/** Inputs that a product takes of each output. */
export const dotInputs: usize = 4;

/** Bytes of a quantized input. */
export const inputBytes: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

/** Inputs that share a scale, see `quantize.ts`. */
export const blockInputs: usize = 128;
