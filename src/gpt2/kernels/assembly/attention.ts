import { exp, largestLane, sumLanes, sumLanesF32 } from "./functions";
import { branchOf, Plan } from "./plan";

/**
 * A score so far below the largest gets no weight. Weights of e⁻⁶⁴ change nothing, and still smaller ones times a value leave the range of
 * normal floats: a processor takes a hundred times longer for those.
 */
const negligible: f32 = -64;

/** Pieces that the attention's work is made of: each head of two rows, or of a last one; of branches, each head of one. */
export function attentionPieces(plan: Plan): i32 {
  return plan.heads * (plan.branches ? plan.rows : (plan.rows + 1) >> 1);
}

/**
 * Attention of the step's rows over the cache, where their own keys and values already are: row r looks at the first past + r + 1
 * positions. Two rows together read keys and values once; the operations of a row and their order are the same either way.
 * @param thread whose scores buffer is used
 */
export function attention(plan: Plan, from: i32, to: i32, layer: i32, scale: f32, thread: i32): void {
  if (plan.branches) {
    for (let piece = from; piece < to; piece++) {
      attendBranch(plan, layer, scale, thread, piece / plan.rows, piece % plan.rows);
    }
    return;
  }
  const pairs = (plan.rows + 1) >> 1;
  for (let piece = from; piece < to; piece++) attend(plan, layer, scale, thread, piece / pairs, (piece % pairs) << 1);
}

function attend(plan: Plan, layer: i32, scale: f32, thread: i32, head: i32, row: i32): void {
  const width = plan.headWidth;
  const stride = (<usize>(plan.kvHeads * width)) << 2;
  const column = (<usize>(((head * plan.kvHeads) / plan.heads) * width)) << 2;
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes + column;
  const values = keys + plan.cacheBlockBytes;
  const rowBytes = (<usize>plan.width) << 2;
  const at = <usize>row * rowBytes + ((<usize>(head * width)) << 2);
  const positions = plan.past + row + 1;
  const scoreBytes = (<usize>plan.scoreCapacity) << 2;
  const scores = plan.scores + <usize>(2 * thread) * scoreBytes;
  const two = row + 1 < plan.rows;
  if (two) scoreTwo(plan.query + at, rowBytes, keys, stride, width, positions + 1, scale, scores, scoreBytes);
  else score(plan.query + at, keys, stride, width, positions, scale, scores);
  finishScores(plan, head, row, positions, scores);
  if (!two) {
    weigh(scores, values, stride, width, positions, plan.attended + at, false);
    return;
  }
  finishScores(plan, head, row + 1, positions + 1, scores + scoreBytes);
  // The first row does not see the second.
  store<f32>(scores + ((<usize>positions) << 2), 0);
  weighTwo(scores, scoreBytes, values, stride, width, positions + 1, plan.attended + at, rowBytes);
}

/**
 * A head's row over the common cache and then over the tail of its own. The operations and their order are those of a sequence that
 * has both in one cache.
 */
function attendBranch(plan: Plan, layer: i32, scale: f32, thread: i32, head: i32, row: i32): void {
  const branch = branchOf(plan, row);
  const width = plan.headWidth;
  const stride = (<usize>(plan.kvHeads * width)) << 2;
  const column = (<usize>(((head * plan.kvHeads) / plan.heads) * width)) << 2;
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes + column;
  const tailKeys = branch.cache + <usize>(2 * layer) * branch.cacheBlockBytes + column;
  const at = ((<usize>row * plan.width) << 2) + ((<usize>(head * width)) << 2);
  const scores = plan.scores + ((<usize>(2 * thread) * plan.scoreCapacity) << 2);
  const tailScores = scores + ((<usize>plan.past) << 2);
  const own = branch.length + 1;
  // Behind the last key these write a few scores more: the tail's take their place.
  score(plan.query + at, keys, stride, width, plan.past, scale, scores);
  score(plan.query + at, tailKeys, stride, width, own, scale, tailScores);
  finishScores(plan, head, row, plan.past + own, scores);
  weigh(scores, keys + plan.cacheBlockBytes, stride, width, plan.past, plan.attended + at, false);
  weigh(tailScores, tailKeys + branch.cacheBlockBytes, stride, width, own, plan.attended + at, true);
}

/** Makes a row's scores its weights, and shows the scores to who wants to see them. */
function finishScores(plan: Plan, head: i32, row: i32, positions: i32, scores: usize): void {
  if (plan.tappedScores) {
    const first = (head * plan.rows + row) * (plan.past + plan.rows);
    memory.copy(plan.tappedScores + ((<usize>first) << 2), scores, (<usize>positions) << 2);
  }
  // Up to a multiple of four; the cache has such rows, so there are scores of them.
  for (let position = positions; position & 3; position++) store<f32>(scores + ((<usize>position) << 2), -Infinity);
  softmax(scores, positions);
}

/** Scaled products of a query with the first `positions` keys, and with those up to a multiple of four. */
function score(query: usize, keys: usize, stride: usize, width: i32, positions: i32, scale: f32, scores: usize): void {
  const bytes = (<usize>width) << 2;
  const factor = f32x4.splat(scale);
  for (let position = 0; position < positions; position += 4) {
    const k0 = keys + <usize>position * stride;
    const k1 = k0 + stride;
    const k2 = k1 + stride;
    const k3 = k2 + stride;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let i: usize = 0; i < bytes; i += 16) {
      const q = v128.load(query + i);
      a0 = f32x4.add(a0, f32x4.mul(q, v128.load(k0 + i)));
      a1 = f32x4.add(a1, f32x4.mul(q, v128.load(k1 + i)));
      a2 = f32x4.add(a2, f32x4.mul(q, v128.load(k2 + i)));
      a3 = f32x4.add(a3, f32x4.mul(q, v128.load(k3 + i)));
    }
    v128.store(scores + ((<usize>position) << 2), f32x4.mul(sumLanesF32(a0, a1, a2, a3), factor));
  }
}

/** {@link score} of two queries, `queryBytes` apart, to scores `scoreBytes` apart. */
function scoreTwo(
  query: usize,
  queryBytes: usize,
  keys: usize,
  stride: usize,
  width: i32,
  positions: i32,
  scale: f32,
  scores: usize,
  scoreBytes: usize,
): void {
  const end = query + ((<usize>width) << 2);
  const factor = f32x4.splat(scale);
  const stride2 = stride << 1;
  const stride3 = stride2 + stride;
  for (let position = 0; position < positions; position += 4) {
    let key = keys + <usize>position * stride;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let q = query; q < end; q += 16) {
      const q1 = v128.load(q);
      const q2 = v128.load(q + queryBytes);
      let k = v128.load(key);
      a0 = f32x4.add(a0, f32x4.mul(q1, k));
      b0 = f32x4.add(b0, f32x4.mul(q2, k));
      k = v128.load(key + stride);
      a1 = f32x4.add(a1, f32x4.mul(q1, k));
      b1 = f32x4.add(b1, f32x4.mul(q2, k));
      k = v128.load(key + stride2);
      a2 = f32x4.add(a2, f32x4.mul(q1, k));
      b2 = f32x4.add(b2, f32x4.mul(q2, k));
      k = v128.load(key + stride3);
      a3 = f32x4.add(a3, f32x4.mul(q1, k));
      b3 = f32x4.add(b3, f32x4.mul(q2, k));
      key += 16;
    }
    const target = scores + ((<usize>position) << 2);
    v128.store(target, f32x4.mul(sumLanesF32(a0, a1, a2, a3), factor));
    v128.store(target + scoreBytes, f32x4.mul(sumLanesF32(b0, b1, b2, b3), factor));
  }
}

function softmax(scores: usize, positions: i32): void {
  const end = scores + (((<usize>(positions + 3)) & ~3) << 2);
  let largest = v128.load(scores);
  for (let at = scores; at < end; at += 16) largest = f32x4.max(largest, v128.load(at));
  const shift = f32x4.splat(largestLane(largest));
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const exponent = f32x4.sub(v128.load(at), shift);
    const power = v128.and(exp(exponent), f32x4.gt(exponent, f32x4.splat(negligible)));
    v128.store(at, power);
    sum = f32x4.add(sum, power);
  }
  const factor = f32x4.splat(<f32>1 / sumLanes(sum));
  for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
}

/** Sum of the values by their weights. @param onto whether it is added to what is in `out` */
function weigh(weights: usize, values: usize, stride: usize, width: i32, positions: i32, out: usize, onto: bool): void {
  if (!onto) memory.fill(out, 0, (<usize>width) << 2);
  const end = weights + ((<usize>positions) << 2);
  let column = 0;
  for (; column + 32 <= width; column += 32) {
    const target = out + ((<usize>column) << 2);
    let a0 = v128.load(target);
    let a1 = v128.load(target, 16);
    let a2 = v128.load(target, 32);
    let a3 = v128.load(target, 48);
    let a4 = v128.load(target, 64);
    let a5 = v128.load(target, 80);
    let a6 = v128.load(target, 96);
    let a7 = v128.load(target, 112);
    let value = values + ((<usize>column) << 2);
    for (let at = weights; at < end; at += 4) {
      const weight = v128.load32_splat(at);
      a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(value)));
      a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(value, 16)));
      a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(value, 32)));
      a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(value, 48)));
      a4 = f32x4.add(a4, f32x4.mul(weight, v128.load(value, 64)));
      a5 = f32x4.add(a5, f32x4.mul(weight, v128.load(value, 80)));
      a6 = f32x4.add(a6, f32x4.mul(weight, v128.load(value, 96)));
      a7 = f32x4.add(a7, f32x4.mul(weight, v128.load(value, 112)));
      value += stride;
    }
    v128.store(target, a0);
    v128.store(target, a1, 16);
    v128.store(target, a2, 32);
    v128.store(target, a3, 48);
    v128.store(target, a4, 64);
    v128.store(target, a5, 80);
    v128.store(target, a6, 96);
    v128.store(target, a7, 112);
  }
  weighColumns(weights, values, stride, width, positions, out, column, true);
}

/** What is left of {@link weigh}: the columns from `column` on. */
function weighColumns(
  weights: usize,
  values: usize,
  stride: usize,
  width: i32,
  positions: i32,
  out: usize,
  column: i32,
  onto: bool,
): void {
  const end = weights + ((<usize>positions) << 2);
  for (; column < width; column += 4) {
    const target = out + ((<usize>column) << 2);
    let sum = onto ? v128.load(target) : f32x4.splat(0);
    let value = values + ((<usize>column) << 2);
    for (let at = weights; at < end; at += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(at), v128.load(value)));
      value += stride;
    }
    v128.store(target, sum);
  }
}

/** {@link weigh} with two rows of weights, `weightBytes` apart, to outputs `outBytes` apart. */
function weighTwo(
  weights: usize,
  weightBytes: usize,
  values: usize,
  stride: usize,
  width: i32,
  positions: i32,
  out: usize,
  outBytes: usize,
): void {
  const end = weights + ((<usize>positions) << 2);
  let column = 0;
  for (; column + 16 <= width; column += 16) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let value = values + ((<usize>column) << 2);
    for (let at = weights; at < end; at += 4) {
      const w1 = v128.load32_splat(at);
      const w2 = v128.load32_splat(at + weightBytes);
      let v = v128.load(value);
      a0 = f32x4.add(a0, f32x4.mul(w1, v));
      b0 = f32x4.add(b0, f32x4.mul(w2, v));
      v = v128.load(value, 16);
      a1 = f32x4.add(a1, f32x4.mul(w1, v));
      b1 = f32x4.add(b1, f32x4.mul(w2, v));
      v = v128.load(value, 32);
      a2 = f32x4.add(a2, f32x4.mul(w1, v));
      b2 = f32x4.add(b2, f32x4.mul(w2, v));
      v = v128.load(value, 48);
      a3 = f32x4.add(a3, f32x4.mul(w1, v));
      b3 = f32x4.add(b3, f32x4.mul(w2, v));
      value += stride;
    }
    const target = out + ((<usize>column) << 2);
    v128.store(target, a0);
    v128.store(target, a1, 16);
    v128.store(target, a2, 32);
    v128.store(target, a3, 48);
    v128.store(target + outBytes, b0);
    v128.store(target + outBytes, b1, 16);
    v128.store(target + outBytes, b2, 32);
    v128.store(target + outBytes, b3, 48);
  }
  weighColumns(weights, values, stride, width, positions, out, column, false);
  weighColumns(weights + weightBytes, values, stride, width, positions, out + outBytes, column, false);
}
