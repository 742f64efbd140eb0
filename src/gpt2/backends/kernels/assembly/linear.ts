import { storeTile } from "./outputs";
import { loadPanel } from "./panel";
import { Matrix, Plan } from "./plan";
import { multiplyRow } from "./row";
import { multiplyTile, tileRows } from "./tile";

/**
 * A linear layer: the outputs of the panels from `from` to before `to` for the quantized rows from `firstRow` to before `endRow`. All rows
 * are multiplied with a panel while it is in the cache, so memory is read once.
 * @param target see `outputs.ts`
 * @param layer whose cache `toCache` stores to
 * @param thread whose tile buffer is used
 */
export function linear(
  plan: Plan,
  matrix: Matrix,
  from: i32,
  to: i32,
  firstRow: i32,
  endRow: i32,
  target: i32,
  layer: i32,
  thread: i32,
): void {
  const products = plan.tiles + <usize>(thread * plan.tileBytes);
  for (let panel = from; panel < to; panel++) {
    if (endRow - firstRow > 1) loadPanel(matrix, panel);
    for (let row = firstRow; row < endRow;) {
      const rows = min(endRow - row, tileRows);
      if (rows == 1) multiplyRow(plan, matrix, panel, row, products);
      else multiplyTile(plan, matrix, panel, row, rows, products);
      storeTile(plan, matrix, products, panel, row, rows, target, layer);
      row += rows;
    }
  }
}
