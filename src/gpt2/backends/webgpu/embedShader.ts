/** Invocations of a workgroup that adds up embeddings. */
export const embedLanes = 64;

/**
 * Adds up the embeddings of a token that `chooseShader` chose, as JavaScript does for tokens that it knows.
 *
 * Bindings: `chosen`; `parameters` (the token's row of them, its position); `token` (the table, f32, or in 8 bits with `scales` of each 32);
 * `position` (the table); `x [D]`.
 */
export function embedShader(width: number, table: "float" | "blocks"): string {
  const [declaration, value] =
    table === "float"
      ? ["var<storage, read> tokens: array<f32>;", "tokens[at]"]
      : [
          "var<storage, read> tokens: array<i32>;\n@group(0) @binding(5) var<storage, read> scales: array<f32>;",
          "f32(extractBits(tokens[at >> 2u], 8u * (at & 3u), 8u)) * scales[at >> 5u]",
        ];
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> chosen: array<vec2u>;
@group(0) @binding(1) var<uniform> parameters: vec2u;
@group(0) @binding(2) var<storage, read> positions: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) ${declaration}

@compute @workgroup_size(${embedLanes})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= ${width}u) { return; }
  let at = chosen[parameters.x].x * ${width}u + i;
  x[i] = ${value} + positions[parameters.y * ${width}u + i];
}`;
}
