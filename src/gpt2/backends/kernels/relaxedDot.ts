/**
 * A module that exports `d(weight, input)`: lane 0 of `i32x4.relaxed_dot_i8x16_i7x16_add_s` of both, each in all bytes, added to 0. An
 * engine without relaxed SIMD does not validate it.
 */
const probe = Uint8Array.of(
  // Magic number and version; a type (i32, i32) → i32; a function of that type; its export.
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x64, 0x00, 0x00],
  // Its body: both parameters through i8x16.splat, 0 through i32x4.splat; the dot product; i32x4.extract_lane 0; end.
  ...[0x0a, 0x16, 0x01, 0x14, 0x00],
  ...[0x20, 0x00, 0xfd, 0x0f, 0x20, 0x01, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x11],
  ...[0xfd, 0x93, 0x02, 0xfd, 0x1b, 0x00, 0x0b],
);

const largestWeight = 127;

/** How relaxed SIMD multiplies signed bytes with bytes of 8 bits: as unsigned or signed ones, or not exactly; or there is none. */
export type RelaxedDot = "unsigned" | "signed" | "inexact" | "none";

let known: RelaxedDot | undefined;

/**
 * What this engine does on this processor, found by trying all inputs. The specification lets an implementation choose for inputs from 128 on,
 * but only once: it may not differ from one call to another.
 */
export function relaxedDot(): RelaxedDot {
  known ??= tryRelaxedDot();
  return known;
}

function tryRelaxedDot(): RelaxedDot {
  if (!WebAssembly.validate(probe)) return "none";
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(probe));
  return kindOf(exports["d"] as (weight: number, input: number) => number);
}

/** @param dot the sum of four products of a weight with an input byte */
export function kindOf(dot: (weight: number, input: number) => number): RelaxedDot {
  const exact = (valueOf: (byte: number) => number): boolean => {
    for (let byte = 0; byte < 256; byte++) {
      for (let weight = -largestWeight; weight <= largestWeight; weight++) {
        if (dot(weight, byte) !== 4 * weight * valueOf(byte)) return false;
      }
    }
    return true;
  };
  if (exact((byte) => byte)) return "unsigned";
  return exact((byte) => (byte << 24) >> 24) ? "signed" : "inexact";
}
