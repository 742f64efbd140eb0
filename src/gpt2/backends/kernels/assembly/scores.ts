import { multiplyRow } from "./row";
import { multiplyTile } from "./tile";
import { panelOutputs } from "./panel";
import { Matrix, Plan } from "./plan";

/**
 * Scaled products of queries with the keys of the first `positions`, and on up to a multiple of eight.
 * @param keys whose weights they are
 * @param keyScales f32 `[positions]`
 * @param first of the quantized rows
 * @param rows up to `tileRows`
 * @param scores f32, of one row `scoreBytes` after those of another
 * @param products memory for a tile
 */
export function score(
  plan: Plan,
  keys: Matrix,
  keyScales: usize,
  positions: i32,
  first: i32,
  rows: i32,
  scale: f32,
  scores: usize,
  scoreBytes: usize,
  products: usize,
): void {
  const factor = f32x4.splat(scale);
  const panels = (positions + panelOutputs - 1) / panelOutputs;
  for (let panel = 0; panel < panels; panel++) {
    if (rows == 1) multiplyRow(plan, keys, panel, first, products);
    else multiplyTile(plan, keys, panel, first, rows, products);
    const offset = (<usize>panel) << 5;
    const low = f32x4.mul(v128.load(keyScales + offset), factor);
    const high = f32x4.mul(v128.load(keyScales + offset, 16), factor);
    let target = scores + offset;
    const end = products + ((<usize>rows) << 5);
    for (let source = products; source < end; source += 32, target += scoreBytes) {
      v128.store(target, f32x4.mul(v128.load(source), low));
      v128.store(target, f32x4.mul(v128.load(source, 16), high), 16);
    }
  }
}
