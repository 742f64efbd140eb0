import type { GpuFormat } from "./gpuFormat";
import { keyFunctions } from "./orderKeys";

/** Invocations that share the logits of a row. */
const lanes = 256;

/**
 * Chooses the largest logit of each row, the first one on ties: one workgroup a row.
 *
 * Bindings: `source`, the logits `[R, V]`; `parameters` (V, how many ids are excluded, these ids); `chosen [R]` (token, order key of its logit).
 */
export function chooseShader(format: GpuFormat): string {
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<u32>;
@group(0) @binding(2) var<storage, read_write> chosen: array<vec2u>;

var<workgroup> keys: array<u32, ${lanes}>;
var<workgroup> tokens: array<u32, ${lanes}>;

${keyFunctions(format, 2)}

@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let vocabulary = parameters[0];
  let start = group.x * vocabulary;
  var key = 0u;
  var token = 0u;
  for (var i = lane; i < vocabulary; i += ${lanes}u) {
    let other = keyAt(start + i);
    if (other > key && !isExcluded(i)) {
      key = other;
      token = i;
    }
  }
  keys[lane] = key;
  tokens[lane] = token;
  workgroupBarrier();
  for (var half = ${lanes / 2}u; half > 0u; half >>= 1u) {
    if (lane < half) {
      let other = keys[lane + half];
      let first = min(tokens[lane], tokens[lane + half]);
      if (other > keys[lane]) { tokens[lane] = tokens[lane + half]; }
      if (other == keys[lane]) { tokens[lane] = first; }
      keys[lane] = max(keys[lane], other);
    }
    workgroupBarrier();
  }
  if (lane == 0u) { chosen[group.x] = vec2u(tokens[0], keys[0]); }
}`;
}
