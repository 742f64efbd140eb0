import { activate, sumLanesI32 } from "./functions";
import { branchOf, Matrix, Plan } from "./plan";

/** Where the outputs of a linear layer go. */
/** The queries to their buffer, keys and values into the cache. */
export const toCache: i32 = 0;
/** Onto the residual stream. */
export const toResidual: i32 = 1;
/** Through the activation function to the hidden layer. */
export const toHidden: i32 = 2;
export const toLogits: i32 = 3;

/**
 * Where a row reads weights it touches those so many bytes further on, so that they are near when it gets there: the processor looks ahead
 * by itself, but not enough. A step of one token, which reads all weights once, takes a tenth less. See `packedBytes`.
 */
const ahead: usize = 2048;

/** Groups of four outputs, of which a linear layer's work is made. */
export function groupsOf(matrix: Matrix): i32 {
  return (matrix.outputs + 3) >> 2;
}

/**
 * Outputs of a linear layer, the groups from `from` to before `to`, on quantised rows `first` to `first + rows - 1`. A group is for all
 * rows, so the weights are read once.
 * @param layer whose cache the outputs go to, for `toCache`
 */
export function linear(
  plan: Plan,
  matrix: Matrix,
  from: i32,
  to: i32,
  first: i32,
  rows: i32,
  target: i32,
  layer: i32,
): void {
  const rowBytes = (<usize>matrix.blocks) << 5;
  const groupBytes = (<usize>matrix.blocks) << 6;
  const last = first + rows;
  for (let group = from; group < to; group++) {
    const weights = matrix.weights + <usize>group * groupBytes;
    let row = first;
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; row + 2 < last; row += 3) {
        multiplyThree(plan, matrix, weights, plan.quantized + <usize>row * rowBytes, group, row, first, target, layer);
      }
    } else {
      for (; row + 1 < last; row += 2) {
        const quantized = plan.quantized + <usize>row * rowBytes;
        multiplyTwo(plan, matrix, weights, quantized, quantized + rowBytes, group, row, first, target, layer);
      }
    }
    for (; row < last; row++) {
      const products = multiply(weights, plan.quantized + <usize>row * rowBytes, matrix, group);
      finish(plan, matrix, products, group, row, first, target, layer);
    }
  }
}

/** Integer products of a group of four rows of weights with a quantised row. */
function multiply(weights: usize, quantized: usize, matrix: Matrix, group: i32): v128 {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  const end = weights + ((<usize>matrix.blocks) << 6);
  if (ASC_FEATURE_RELAXED_SIMD) {
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let w = weights, q = quantized; w < end; w += 64, q += 32) {
      load<u8>(w, ahead);
      const high = v128.load(q);
      const low = v128.load(q, 16);
      let row = v128.load(w);
      a0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, high, a0);
      b0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, low, b0);
      row = v128.load(w, 16);
      a1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, high, a1);
      b1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, low, b1);
      row = v128.load(w, 32);
      a2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, high, a2);
      b2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, low, b2);
      row = v128.load(w, 48);
      a3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, high, a3);
      b3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(row, low, b3);
    }
    return fromDigits(matrix, group, sumLanesI32(a0, a1, a2, a3), sumLanesI32(b0, b1, b2, b3));
  }
  for (let w = weights, q = quantized; w < end; w += 64, q += 32) {
    load<u8>(w, ahead);
    let inputs = v128.load(q);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load8x8_s(w), inputs));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load8x8_s(w, 16), inputs));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load8x8_s(w, 32), inputs));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load8x8_s(w, 48), inputs));
    inputs = v128.load(q, 16);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), inputs));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load8x8_s(w, 24), inputs));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load8x8_s(w, 40), inputs));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load8x8_s(w, 56), inputs));
  }
  return sumLanesI32(a0, a1, a2, a3);
}

/**
 * Three rows at once, with two of the four rows of weights and then with the other two. The processor begins a product before the one
 * before it in the same sum is done only if it belongs to another sum: twelve sums keep it busy, and more would not fit its registers.
 * @param quantized the first of the three rows, which lie one behind the other
 */
function multiplyThree(
  plan: Plan,
  matrix: Matrix,
  weights: usize,
  quantized: usize,
  group: i32,
  row: i32,
  first: i32,
  target: i32,
  layer: i32,
): void {
  const rowBytes = (<usize>matrix.blocks) << 5;
  const end = quantized + rowBytes;
  const zero = i32x4.splat(0);
  // Of each row: two sums of high digits, then two of low digits.
  let pair1 = zero;
  let pair2 = zero;
  let pair3 = zero;
  for (let half: usize = 0; half < 64; half += 32) {
    let high10 = zero;
    let high11 = zero;
    let low10 = zero;
    let low11 = zero;
    let high20 = zero;
    let high21 = zero;
    let low20 = zero;
    let low21 = zero;
    let high30 = zero;
    let high31 = zero;
    let low30 = zero;
    let low31 = zero;
    for (
      let w = weights + half, q1 = quantized, q2 = quantized + rowBytes, q3 = q2 + rowBytes;
      q1 < end;
      w += 64, q1 += 32, q2 += 32, q3 += 32
    ) {
      const weights0 = v128.load(w);
      const weights1 = v128.load(w, 16);
      let inputs = v128.load(q1);
      high10 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, high10);
      high11 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, high11);
      inputs = v128.load(q1, 16);
      low10 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, low10);
      low11 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, low11);
      inputs = v128.load(q2);
      high20 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, high20);
      high21 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, high21);
      inputs = v128.load(q2, 16);
      low20 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, low20);
      low21 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, low21);
      inputs = v128.load(q3);
      high30 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, high30);
      high31 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, high31);
      inputs = v128.load(q3, 16);
      low30 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights0, inputs, low30);
      low31 = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights1, inputs, low31);
    }
    const sums1 = sumLanesI32(high10, high11, low10, low11);
    const sums2 = sumLanesI32(high20, high21, low20, low21);
    const sums3 = sumLanesI32(high30, high31, low30, low31);
    if (half == 0) {
      pair1 = sums1;
      pair2 = sums2;
      pair3 = sums3;
    } else {
      finish(plan, matrix, join(matrix, group, pair1, sums1), group, row, first, target, layer);
      finish(plan, matrix, join(matrix, group, pair2, sums2), group, row + 1, first, target, layer);
      finish(plan, matrix, join(matrix, group, pair3, sums3), group, row + 2, first, target, layer);
    }
  }
}

/** The products of a group from its first two rows of weights and its last two: sums of high digits, then of low ones. */
function join(matrix: Matrix, group: i32, before: v128, behind: v128): v128 {
  const high = v128.shuffle<i32>(before, behind, 0, 1, 4, 5);
  const low = v128.shuffle<i32>(before, behind, 2, 3, 6, 7);
  return fromDigits(matrix, group, high, low);
}

function fromDigits(matrix: Matrix, group: i32, high: v128, low: v128): v128 {
  const sum = i32x4.add(i32x4.shl(high, 7), low);
  return i32x4.sub(sum, v128.load(matrix.corrections + ((<usize>group) << 4)));
}

/** Two rows at once, so that weights are widened to 16 bits for both. */
function multiplyTwo(
  plan: Plan,
  matrix: Matrix,
  weights: usize,
  quantized1: usize,
  quantized2: usize,
  group: i32,
  row: i32,
  first: i32,
  target: i32,
  layer: i32,
): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = quantized1 + ((<usize>matrix.blocks) << 5);
  for (let w = weights, q = quantized1, r = quantized2; q < end; r += 16) {
    const inputs1 = v128.load(q);
    const inputs2 = v128.load(r);
    let outputs = v128.load8x8_s(w);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(outputs, inputs1));
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(outputs, inputs2));
    outputs = v128.load8x8_s(w, 16);
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(outputs, inputs1));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(outputs, inputs2));
    outputs = v128.load8x8_s(w, 32);
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(outputs, inputs1));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(outputs, inputs2));
    outputs = v128.load8x8_s(w, 48);
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(outputs, inputs1));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(outputs, inputs2));
    q += 16;
    // The other eight inputs of the block, then the next block.
    w += (q - quantized1) & 16 ? 8 : 56;
  }
  finish(plan, matrix, sumLanesI32(a0, a1, a2, a3), group, row, first, target, layer);
  finish(plan, matrix, sumLanesI32(b0, b1, b2, b3), group, row + 1, first, target, layer);
}

/** Brings four integer products back to floats, adds the bias, and puts them where they belong. */
function finish(
  plan: Plan,
  matrix: Matrix,
  products: v128,
  group: i32,
  row: i32,
  first: i32,
  target: i32,
  layer: i32,
): void {
  const output = group << 2;
  const at = (<usize>output) << 2;
  const scale = f32x4.splat(load<f32>(plan.quantizedScales + ((<usize>row) << 2)));
  const scaled = f32x4.mul(f32x4.convert_i32x4_s(products), f32x4.mul(v128.load(matrix.scales + at), scale));
  const y = f32x4.add(scaled, v128.load(matrix.bias + at));
  if (target == toResidual) {
    const x = plan.x + ((<usize>row * plan.width) << 2) + at;
    v128.store(x, f32x4.add(v128.load(x), y));
  } else if (target == toHidden) {
    v128.store(plan.hidden + ((<usize>row * plan.innerWidth) << 2) + at, activate(plan.activation, y));
  } else if (target == toCache) {
    storeQkv(plan, y, output, row, layer);
  } else {
    storeLogits(plan, matrix.outputs, y, output, row - first);
  }
}

function storeQkv(plan: Plan, y: v128, output: i32, row: i32, layer: i32): void {
  if (output < plan.width) {
    v128.store(plan.query + ((<usize>row * plan.width + output) << 2), y);
    return;
  }
  const width = plan.kvHeads * plan.headWidth;
  const column = output - plan.width;
  const kind = column < width ? 0 : 1;
  let cache = plan.cache;
  let blockBytes = plan.cacheBlockBytes;
  let position = plan.past + row;
  if (plan.branches) {
    const branch = branchOf(plan, row);
    cache = branch.cache;
    blockBytes = branch.cacheBlockBytes;
    position = branch.length;
  }
  const block = cache + <usize>(2 * layer + kind) * blockBytes;
  v128.store(block + ((<usize>position * width + column - kind * width) << 2), y);
}

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
