import { valuePanelBytes, valueStepBytes } from "./cache";
import { inputBytes } from "./dots";
import { addPairs, panelOutputs } from "./panel";
import { Plan } from "./plan";
import { loadInputs, loadWeights, multiplyAdd } from "./tile";

/** Rows whose sums fit the registers together: with relaxed SIMD four vectors each, for the halves of weights and of columns. */
const weighedRows: i32 = 3;

/** Bytes of a row's weights for four positions, of one half of the bits with relaxed SIMD. */
const stepWeightBytes: usize = 4 * inputBytes;

/** Columns of a pass over a panel, see `passOutputs` in `tile.ts`. */
const passColumns: i32 = ASC_FEATURE_RELAXED_SIMD ? 8 : 4;

/**
 * Adds the first `positions` values, times integer weights, to rows of integers. These sums are exact, so no order of them matters.
 * @param weights of the rows, see `storeWeights` in `softmax.ts`; 0 on up to a multiple of four positions
 * @param weightBytes of a half of a row's weights; two are a row's
 * @param values a head's, in a cache of `capacity` positions
 * @param out i32 `[rows, headWidth]`, rows of the model's width
 */
export function weigh(
  plan: Plan,
  weights: usize,
  weightBytes: usize,
  rows: i32,
  values: usize,
  capacity: i32,
  positions: i32,
  out: usize,
): void {
  const rowBytes = (<usize>plan.width) << 2;
  const bytes = <usize>((positions + 3) >> 2) * valueStepBytes;
  for (let column = 0; column < plan.headWidth; column += passColumns) {
    const panel = values + <usize>(column / panelOutputs) * valuePanelBytes(capacity);
    const start = panel + <usize>(column % panelOutputs) * 4;
    const both = plan.headWidth - column > 4;
    let source = weights;
    let target = out + ((<usize>column) << 2);
    for (let row = 0; row < rows; row += weighedRows) {
      const count = min(rows - row, weighedRows);
      if (count == 3) weigh3(start, bytes, source, weightBytes, target, rowBytes, both);
      else if (count == 2) weigh2(start, bytes, source, weightBytes, target, rowBytes, both);
      else weigh1(start, bytes, source, weightBytes, target, rowBytes, both);
      source += 2 * weightBytes * weighedRows;
      target += rowBytes * weighedRows;
    }
  }
}

function weigh3(start: usize, bytes: usize, w: usize, half: usize, out: usize, rowBytes: usize, both: bool): void {
  Weighing.rows(3, start, bytes, w, half, out, rowBytes, both);
}

function weigh2(start: usize, bytes: usize, w: usize, half: usize, out: usize, rowBytes: usize, both: bool): void {
  Weighing.rows(2, start, bytes, w, half, out, rowBytes, both);
}

function weigh1(start: usize, bytes: usize, w: usize, half: usize, out: usize, rowBytes: usize, both: bool): void {
  Weighing.rows(1, start, bytes, w, half, out, rowBytes, both);
}

/** A class only because methods may have decorators where functions may not. */
class Weighing {
  /**
   * The body for a number of rows that is a constant where this is inlined. With relaxed SIMD `a` and `b` are the upper halves of the weights
   * times the first and the second four columns, `c` and `d` the lower halves.
   * @param both whether there are more than four columns left, which relaxed SIMD takes in one pass
   */
  @inline
  static rows(
    height: i32,
    start: usize,
    bytes: usize,
    weights: usize,
    half: usize,
    out: usize,
    rowBytes: usize,
    both: bool,
  ): void {
    const zero = i32x4.splat(0);
    let a0 = zero;
    let b0 = zero;
    let c0 = zero;
    let d0 = zero;
    let a1 = zero;
    let b1 = zero;
    let c1 = zero;
    let d1 = zero;
    let a2 = zero;
    let b2 = zero;
    let c2 = zero;
    let d2 = zero;
    const w0 = weights;
    const w1 = w0 + 2 * half;
    const w2 = w1 + 2 * half;
    let w: usize = 0;
    for (let v = start; v < start + bytes; v += valueStepBytes, w += stepWeightBytes) {
      const values0 = loadWeights(v);
      const values1 = loadWeights(v + (ASC_FEATURE_RELAXED_SIMD ? 16 : 8));
      let inputs = loadInputs(w0 + w);
      a0 = multiplyAdd(values0, inputs, a0);
      b0 = multiplyAdd(values1, inputs, b0);
      if (height > 1) {
        inputs = loadInputs(w1 + w);
        a1 = multiplyAdd(values0, inputs, a1);
        b1 = multiplyAdd(values1, inputs, b1);
      }
      if (height > 2) {
        inputs = loadInputs(w2 + w);
        a2 = multiplyAdd(values0, inputs, a2);
        b2 = multiplyAdd(values1, inputs, b2);
      }
      if (ASC_FEATURE_RELAXED_SIMD) {
        inputs = loadInputs(w0 + half + w);
        c0 = multiplyAdd(values0, inputs, c0);
        d0 = multiplyAdd(values1, inputs, d0);
        if (height > 1) {
          inputs = loadInputs(w1 + half + w);
          c1 = multiplyAdd(values0, inputs, c1);
          d1 = multiplyAdd(values1, inputs, d1);
        }
        if (height > 2) {
          inputs = loadInputs(w2 + half + w);
          c2 = multiplyAdd(values0, inputs, c2);
          d2 = multiplyAdd(values1, inputs, d2);
        }
      }
    }
    addSums(out, a0, b0, c0, d0, both);
    if (height > 1) addSums(out + rowBytes, a1, b1, c1, d1, both);
    if (height > 2) addSums(out + 2 * rowBytes, a2, b2, c2, d2, both);
  }
}

function addSums(out: usize, a: v128, b: v128, c: v128, d: v128, both: bool): void {
  if (!ASC_FEATURE_RELAXED_SIMD) {
    addTo(out, addPairs(a, b));
    return;
  }
  addTo(out, i32x4.add(i32x4.shl(a, 7), c));
  if (both) addTo(out + 16, i32x4.add(i32x4.shl(b, 7), d));
}

function addTo(out: usize, sums: v128): void {
  v128.store(out, i32x4.add(v128.load(out), sums));
}
