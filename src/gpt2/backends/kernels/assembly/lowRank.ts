import { Matrix, Plan } from "./plan";

/**
 * What a LoRA adapter adds to a linear layer: x·downᵀ·up, in 32-bit floats, from the inputs before they are quantized. The rank is a multiple
 * of 4; see `../adapters.ts` for the layout.
 */

/** The products of a row with `down`, `[rank]`, for {@link addLowRank}. Four at a time, so that no product waits for the one before it. */
export function projectDown(plan: Plan, values: usize, row: i32, matrix: Matrix): void {
  const rank = matrix.rank;
  const rowBytes = (<usize>matrix.inputs) << 2;
  const out = projected(plan, row, rank);
  for (let r = 0; r < rank; r += 4) {
    let down = matrix.down + <usize>r * rowBytes;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let x = values; x < values + rowBytes; x += 16, down += 16) {
      const v = v128.load(x);
      a = f32x4.add(a, f32x4.mul(v, v128.load(down)));
      b = f32x4.add(b, f32x4.mul(v, v128.load(down + rowBytes)));
      c = f32x4.add(c, f32x4.mul(v, v128.load(down + 2 * rowBytes)));
      d = f32x4.add(d, f32x4.mul(v, v128.load(down + 3 * rowBytes)));
    }
    const at = out + ((<usize>r) << 2);
    store<f32>(at, sum(a));
    store<f32>(at, sum(b), 4);
    store<f32>(at, sum(c), 8);
    store<f32>(at, sum(d), 12);
  }
}

/** Four outputs of a row, with what the adapter adds to them. */
export function addLowRank(plan: Plan, matrix: Matrix, y: v128, output: i32, row: i32): v128 {
  const rank = matrix.rank;
  let factor = projected(plan, row, rank);
  const end = factor + ((<usize>rank) << 2);
  let up = matrix.up + ((<usize>output * rank) << 2);
  for (; factor < end; factor += 4, up += 16) y = f32x4.add(y, f32x4.mul(v128.load32_splat(factor), v128.load(up)));
  return y;
}

function projected(plan: Plan, row: i32, rank: i32): usize {
  return plan.projected + ((<usize>row * rank) << 2);
}

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
