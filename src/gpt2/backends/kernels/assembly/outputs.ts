import { activate } from "./functions";
import { addLowRank } from "./lowRank";
import { panelOutputs } from "./panel";
import { Matrix, Plan, rowOf } from "./plan";

/** Where the outputs of a linear layer go. */
/** To the buffers of queries, keys and values. */
export const toQkv: i32 = 0;
/** Added to the residual stream. */
export const toResidual: i32 = 1;
/** Through the activation function to the hidden layer. */
export const toHidden: i32 = 2;
export const toLogits: i32 = 3;

/** A row of the hidden layer. Rows are a cache line longer than they need be, or equal columns of all rows would share few lines of a cache. */
export function hiddenRow(plan: Plan, row: i32): usize {
  return plan.hidden + <usize>row * (((<usize>plan.innerWidth) << 2) + 64);
}

/**
 * Applies scale and bias to the products of a tile and stores the outputs.
 * @param products f32 `[rows, 8]`
 */
export function storeTile(
  plan: Plan,
  matrix: Matrix,
  products: usize,
  panel: i32,
  row: i32,
  rows: i32,
  target: i32,
): void {
  const first = panel * panelOutputs;
  const end = min(first + panelOutputs, matrix.outputs);
  for (let output = first; output < end; output += 4) {
    const at = (<usize>output) << 2;
    const scale = v128.load(matrix.scales + at);
    const bias = v128.load(matrix.bias + at);
    let source = products + ((<usize>(output - first)) << 2);
    for (let i = row; i < row + rows; i++) {
      let y = f32x4.add(f32x4.mul(v128.load(source), scale), bias);
      if (matrix.rank) y = addLowRank(plan, matrix, y, output, i);
      if (target == toResidual) addTo(plan.x + ((<usize>i * plan.width) << 2) + at, y);
      else if (target == toHidden) {
        v128.store(hiddenRow(plan, i) + at, activate(plan.activation, y));
      } else if (target == toQkv) storeQkv(plan, y, output, i);
      else storeLogits(plan, matrix.outputs, y, output, i - (plan.rows - plan.logitRows));
      source += (<usize>panelOutputs) << 2;
    }
  }
}

function addTo(x: usize, y: v128): void {
  v128.store(x, f32x4.add(v128.load(x), y));
}

function storeQkv(plan: Plan, y: v128, output: i32, row: i32): void {
  const width = plan.kvHeads * plan.headWidth;
  const column = output - plan.width;
  if (column < 0) v128.store(rowOf(plan, plan.query, row) + ((<usize>output) << 2), y);
  else if (column < width) v128.store(plan.keys + ((<usize>(row * width + column)) << 2), y);
  else v128.store(plan.values + ((<usize>((row - 1) * width + column)) << 2), y);
}

/** @param row of the logits */
function storeLogits(plan: Plan, vocabulary: i32, y: v128, output: i32, row: i32): void {
  const logits = plan.logits + ((<usize>row * vocabulary + output) << 2);
  if (output + 4 <= vocabulary) {
    v128.store(logits, y);
    return;
  }
  store<f32>(logits, f32x4.extract_lane(y, 0));
  if (output + 1 < vocabulary) store<f32>(logits, f32x4.extract_lane(y, 1), 4);
  if (output + 2 < vocabulary) store<f32>(logits, f32x4.extract_lane(y, 2), 8);
}
