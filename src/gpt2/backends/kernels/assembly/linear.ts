import { storeTile } from "./outputs";
import { loadPanel } from "./panel";
import { Matrix, Plan } from "./plan";
import { multiplyRow } from "./row";
import { multiplyTile, tileRows } from "./tile";

/** Panels that a tile's rows are multiplied with in turn: their outputs fill a cache line. */
const panelsTogether: i32 = 2;

/**
 * A linear layer: the outputs of the panels from `from` to before `to` for the quantized rows from `firstRow` to before `endRow`. All rows
 * are multiplied with a panel while it is in the cache, so memory is read once.
 * @param target see `outputs.ts`
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
  thread: i32,
): void {
  const products = plan.tiles + <usize>(thread * plan.tileBytes);
  for (let first = from; first < to; first += panelsTogether) {
    const end = min(first + panelsTogether, to);
    if (endRow - firstRow > 1) {
      for (let panel = first; panel < end; panel++) loadPanel(matrix, panel);
    }
    for (let row = firstRow; row < endRow; row += tileRows) {
      const rows = min(endRow - row, tileRows);
      for (let panel = first; panel < end; panel++) {
        if (rows == 1) multiplyRow(plan, matrix, panel, row, products);
        else multiplyTile(plan, matrix, panel, row, rows, products);
        storeTile(plan, matrix, products, panel, row, rows, target);
      }
    }
  }
}
