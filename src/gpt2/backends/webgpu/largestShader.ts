import type { GpuFormat } from "./gpuFormat";
import { keyFunctions } from "./orderKeys";

const lanes = 256;
/** Numbers of which a workgroup keeps the largest. */
export const blockSize = 1024;

/**
 * Keeps the largest numbers of each block of a row, sorted: one workgroup a block (x) and row (y). Run on what it has kept until one block
 * is left, it gives the largest of the row. The lower token is first on ties.
 *
 * Bindings: `source`, per row `count` logits, or pairs of a token and its order key; `parameters` (count, how many to keep, how many ids are
 * excluded, these ids); `kept [rows, blocks, keep]` (token, order key; beyond the numbers that there are, the key is 0).
 */
export function largestShader(source: "logits" | "pairs", format: GpuFormat): string {
  const logits = source === "logits";
  const load = logits ? "pair = select(vec2u(i, keyAt(index)), nothing, isExcluded(i));" : "pair = source[index];";
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<${logits ? "u32" : "vec2u"}>;
@group(0) @binding(1) var<storage, read> parameters: array<u32>;
@group(0) @binding(2) var<storage, read_write> kept: array<vec2u>;

const nothing = vec2u(0xffffffffu, 0u);
var<workgroup> pairs: array<vec2u, ${blockSize}>;

${logits ? keyFunctions(format, 3) : ""}

fn isBefore(a: vec2u, b: vec2u) -> bool {
  return a.y > b.y || (a.y == b.y && a.x < b.x);
}

@compute @workgroup_size(${lanes})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let count = parameters[0];
  for (var slot = lane; slot < ${blockSize}u; slot += ${lanes}u) {
    let i = group.x * ${blockSize}u + slot;
    let index = group.y * count + i;
    var pair = nothing;
    if (i < count) { ${load} }
    pairs[slot] = pair;
  }
  workgroupBarrier();
  for (var size = 2u; size <= ${blockSize}u; size <<= 1u) {
    for (var stride = size >> 1u; stride > 0u; stride >>= 1u) {
      for (var p = lane; p < ${blockSize / 2}u; p += ${lanes}u) {
        let left = 2u * p - (p & (stride - 1u));
        let right = left + stride;
        let a = pairs[left];
        let b = pairs[right];
        let swaps = select(isBefore(a, b), isBefore(b, a), (left & size) == 0u);
        if (swaps) {
          pairs[left] = b;
          pairs[right] = a;
        }
      }
      workgroupBarrier();
    }
  }
  let keep = parameters[1];
  let start = (group.y * groups.x + group.x) * keep;
  for (var slot = lane; slot < keep; slot += ${lanes}u) { kept[start + slot] = pairs[slot]; }
}`;
}
