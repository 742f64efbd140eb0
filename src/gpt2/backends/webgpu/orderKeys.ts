import { halfToFloat } from "../../../formats/numbers/floats";
import { floatBytes, type GpuFormat } from "./gpuFormat";

/** The bits of a number's format. */
interface Bits {
  readonly sign: number;
  readonly magnitude: number;
  readonly infinity: number;
  readonly all: number;
}

const floatBits: Bits = { sign: 0x80000000, magnitude: 0x7fffffff, infinity: 0x7f800000, all: 0xffffffff };
const halfBits: Bits = { sign: 0x8000, magnitude: 0x7fff, infinity: 0x7c00, all: 0xffff };

/**
 * WGSL to compare logits by their bits, as integers whose order is that of the numbers, because shaders may assume that there is no NaN.
 * Here it is the largest of all. The functions `keyAt(index)` of the buffer `source` of logits, and `isExcluded(token)` by the ids in
 * `parameters`, are declared.
 * @param idsAt where the ids begin there; the number before is how many there are
 */
export function keyFunctions(format: GpuFormat, idsAt: number): string {
  const [bits, read] =
    floatBytes(format) === 2
      ? [halfBits, "(source[index >> 1u] >> (16u * (index & 1u))) & 0xffffu"]
      : [floatBits, "source[index]"];
  return /* wgsl */ `
fn keyAt(index: u32) -> u32 {
  let bits = ${read};
  let magnitude = bits & ${bits.magnitude}u;
  if (magnitude > ${bits.infinity}u) { return ${bits.all}u; }
  if (magnitude == 0u) { return ${bits.sign}u; }
  return select(bits | ${bits.sign}u, ~bits & ${bits.all}u, (bits & ${bits.sign}u) != 0u);
}

fn isExcluded(token: u32) -> bool {
  for (var i = 0u; i < parameters[${idsAt - 1}]; i++) {
    if (parameters[${idsAt}u + i] == token) { return true; }
  }
  return false;
}`;
}

/** The number of an order key; NaN for 0, which no number has. */
export function numberOfKey(key: number, format: GpuFormat): number {
  const half = floatBytes(format) === 2;
  const { sign, all } = half ? halfBits : floatBits;
  const bits = ((key & sign) !== 0 ? key ^ sign : ~key & all) >>> 0;
  return half ? halfToFloat(bits) : (new Float32Array(Uint32Array.of(bits).buffer)[0] ?? NaN);
}
