import { exp, largestLane, sumLanes, sumLanesF32 } from "./functions";
import { branchOf, Plan } from "./plan";

/**
 * A score so far below the largest gets no weight. Weights of e⁻²⁶, of 8,192 positions together, are less than what a float is rounded by.
 * Nothing is computed for four positions without weight; and weights of e⁻⁸⁰ times a value would leave the range of normal floats, which takes
 * a processor a hundred times longer.
 */
const negligible: f32 = -26;

/** Rows that look back in one pass over the cache. */
const rowsTogether: i32 = 2;

/**
 * Heads of a piece. A step of few rows reads the whole cache once for each pass: with all heads of a position in turn that is from front to
 * back, which is what memory is fast at. With many rows each head's part of the cache stays near, and is read again for the next rows.
 */
function headsTogether(plan: Plan): i32 {
  if (plan.branches || plan.rows > rowsTogether) return 1;
  return (plan.heads + plan.threads - 1) / plan.threads;
}

function headGroups(plan: Plan): i32 {
  const together = headsTogether(plan);
  return (plan.heads + together - 1) / together;
}

/** Pieces that the attention's work is made of: some heads of two rows, or of a last one; of branches, each head of one. */
export function attentionPieces(plan: Plan): i32 {
  return headGroups(plan) * (plan.branches ? plan.rows : (plan.rows + 1) / rowsTogether);
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
  const pairs = (plan.rows + 1) / rowsTogether;
  const together = headsTogether(plan);
  for (let piece = from; piece < to; piece++) {
    const first = (piece / pairs) * together;
    attend(plan, layer, scale, thread, first, min(first + together, plan.heads), (piece % pairs) * rowsTogether);
  }
}

/** Bytes from a position of the cache to the next. */
function positionBytes(plan: Plan): usize {
  return (<usize>(plan.kvHeads * plan.headWidth)) << 2;
}

/** Where a head's keys, or values, are within a position, in heads. */
function kvHeadOf(head: i32, heads: i32, kvHeads: i32): usize {
  return <usize>(heads == kvHeads ? head : (head * kvHeads) / heads);
}

/** Bytes from the scores of a row's head to those of the next. */
function headScoreBytes(plan: Plan): usize {
  return (<usize>plan.scoreCapacity) << 2;
}

/** A thread's scores of its first row, f32 `[heads, scoreCapacity]`; those of the second are behind them. */
function scoresOf(plan: Plan, thread: i32): usize {
  return plan.scores + <usize>(rowsTogether * thread * plan.heads) * headScoreBytes(plan);
}

/** The heads from `from` to before `to` of a row, and of the next one if there is one. */
function attend(plan: Plan, layer: i32, scale: f32, thread: i32, from: i32, to: i32, row: i32): void {
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const values = keys + plan.cacheBlockBytes;
  const rowBytes = (<usize>plan.width) << 2;
  const at = <usize>row * rowBytes;
  const positions = plan.past + row + 1;
  const headBytes = headScoreBytes(plan);
  const scores = scoresOf(plan, thread);
  if (row + 1 == plan.rows) {
    score(plan, plan.query + at, keys, from, to, positions, scale, scores);
    for (let head = from; head < to; head++) {
      finishScores(plan, head, row, positions, scores + <usize>(head - from) * headBytes);
    }
    weigh(plan, scores, values, from, to, positions, plan.attended + at, false);
    return;
  }
  const second = scores + <usize>plan.heads * headBytes;
  scoreTwo(plan, plan.query + at, keys, from, to, positions + 1, scale, scores, second);
  for (let head = from; head < to; head++) {
    const offset = <usize>(head - from) * headBytes;
    finishScores(plan, head, row, positions, scores + offset);
    finishScores(plan, head, row + 1, positions + 1, second + offset);
    // The first row does not see the second.
    store<f32>(scores + offset + ((<usize>positions) << 2), 0);
  }
  weighTwo(plan, scores, second, values, from, to, positions + 1, plan.attended + at);
}

/**
 * A head's row over the common cache and then over the tail of its own. The operations and their order are those of a sequence that
 * has both in one cache.
 */
function attendBranch(plan: Plan, layer: i32, scale: f32, thread: i32, head: i32, row: i32): void {
  const branch = branchOf(plan, row);
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const tailKeys = branch.cache + <usize>(2 * layer) * branch.cacheBlockBytes;
  const at = (<usize>row * plan.width) << 2;
  const scores = scoresOf(plan, thread);
  const tailScores = scores + ((<usize>plan.past) << 2);
  const own = branch.length + 1;
  // Behind the last key these write a few scores more: the tail's take their place.
  score(plan, plan.query + at, keys, head, head + 1, plan.past, scale, scores);
  score(plan, plan.query + at, tailKeys, head, head + 1, own, scale, tailScores);
  finishScores(plan, head, row, plan.past + own, scores);
  const values = keys + plan.cacheBlockBytes;
  weigh(plan, scores, values, head, head + 1, plan.past, plan.attended + at, false);
  const tailValues = tailKeys + branch.cacheBlockBytes;
  weigh(plan, tailScores, tailValues, head, head + 1, own, plan.attended + at, true);
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

/**
 * Scaled products of a row's query with the first `positions` keys, and with those up to a multiple of four, for the heads from `from` to
 * before `to`.
 */
function score(
  plan: Plan,
  query: usize,
  keys: usize,
  from: i32,
  to: i32,
  positions: i32,
  scale: f32,
  scores: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const stride = positionBytes(plan);
  const headBytes = headScoreBytes(plan);
  const factor = f32x4.splat(scale);
  for (let position = 0; position < positions; position += 4) {
    const block = keys + <usize>position * stride;
    let target = scores + ((<usize>position) << 2);
    for (let head = from; head < to; head++) {
      const q = query + <usize>head * bytes;
      const k0 = block + kvHeadOf(head, heads, kvHeads) * bytes;
      const k1 = k0 + stride;
      const k2 = k1 + stride;
      const k3 = k2 + stride;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      for (let i: usize = 0; i < bytes; i += 16) {
        const part = v128.load(q + i);
        a0 = f32x4.add(a0, f32x4.mul(part, v128.load(k0 + i)));
        a1 = f32x4.add(a1, f32x4.mul(part, v128.load(k1 + i)));
        a2 = f32x4.add(a2, f32x4.mul(part, v128.load(k2 + i)));
        a3 = f32x4.add(a3, f32x4.mul(part, v128.load(k3 + i)));
      }
      v128.store(target, f32x4.mul(sumLanesF32(a0, a1, a2, a3), factor));
      target += headBytes;
    }
  }
}

/** {@link score} of a row and the next one. */
function scoreTwo(
  plan: Plan,
  query: usize,
  keys: usize,
  from: i32,
  to: i32,
  positions: i32,
  scale: f32,
  scores1: usize,
  scores2: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const rowBytes = (<usize>plan.width) << 2;
  const stride = positionBytes(plan);
  const stride2 = stride << 1;
  const stride3 = stride2 + stride;
  const headBytes = headScoreBytes(plan);
  const factor = f32x4.splat(scale);
  for (let position = 0; position < positions; position += 4) {
    const block = keys + <usize>position * stride;
    let offset = (<usize>position) << 2;
    for (let head = from; head < to; head++) {
      let key = block + kvHeadOf(head, heads, kvHeads) * bytes;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      const first = query + <usize>head * bytes;
      for (let q = first; q < first + bytes; q += 16) {
        const q1 = v128.load(q);
        const q2 = v128.load(q + rowBytes);
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
      v128.store(scores1 + offset, f32x4.mul(sumLanesF32(a0, a1, a2, a3), factor));
      v128.store(scores2 + offset, f32x4.mul(sumLanesF32(b0, b1, b2, b3), factor));
      offset += headBytes;
    }
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

/**
 * Sums of the values by the weights of the heads from `from` to before `to`, position after position.
 * @param onto whether they are added to what is in `out`, a row
 */
function weigh(
  plan: Plan,
  weights: usize,
  values: usize,
  from: i32,
  to: i32,
  positions: i32,
  out: usize,
  onto: bool,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const stride = positionBytes(plan);
  const stride2 = stride << 1;
  const stride3 = stride2 + stride;
  const headBytes = headScoreBytes(plan);
  if (!onto) memory.fill(out + <usize>from * bytes, 0, <usize>(to - from) * bytes);
  const blocks = positions & ~3;
  for (let position = 0; position < blocks; position += 4) {
    const block = values + <usize>position * stride;
    let at = weights + ((<usize>position) << 2);
    for (let head = from; head < to; head++) {
      if (v128.any_true(v128.load(at))) {
        const w0 = v128.load32_splat(at);
        const w1 = v128.load32_splat(at, 4);
        const w2 = v128.load32_splat(at, 8);
        const w3 = v128.load32_splat(at, 12);
        let v = block + kvHeadOf(head, heads, kvHeads) * bytes;
        const first = out + <usize>head * bytes;
        for (let target = first; target < first + bytes; target += 16) {
          let sum = v128.load(target);
          sum = f32x4.add(sum, f32x4.mul(w0, v128.load(v)));
          sum = f32x4.add(sum, f32x4.mul(w1, v128.load(v + stride)));
          sum = f32x4.add(sum, f32x4.mul(w2, v128.load(v + stride2)));
          sum = f32x4.add(sum, f32x4.mul(w3, v128.load(v + stride3)));
          v128.store(target, sum);
          v += 16;
        }
      }
      at += headBytes;
    }
  }
  weighLast(plan, weights, values, from, to, blocks, positions, out);
}

/** What {@link weigh} has left: the positions from `position` on, one at a time. */
function weighLast(
  plan: Plan,
  weights: usize,
  values: usize,
  from: i32,
  to: i32,
  position: i32,
  positions: i32,
  out: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const headBytes = headScoreBytes(plan);
  for (; position < positions; position++) {
    const row = values + <usize>position * positionBytes(plan);
    let at = weights + ((<usize>position) << 2);
    for (let head = from; head < to; head++) {
      const weight = v128.load32_splat(at);
      const target = out + <usize>head * bytes;
      const value = row + kvHeadOf(head, heads, kvHeads) * bytes;
      for (let i: usize = 0; i < bytes; i += 16) {
        const sum = f32x4.add(v128.load(target + i), f32x4.mul(weight, v128.load(value + i)));
        v128.store(target + i, sum);
      }
      at += headBytes;
    }
  }
}

/** {@link weigh} of a row and the next one. */
function weighTwo(
  plan: Plan,
  weights1: usize,
  weights2: usize,
  values: usize,
  from: i32,
  to: i32,
  positions: i32,
  out: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const rowBytes = (<usize>plan.width) << 2;
  const stride = positionBytes(plan);
  const stride2 = stride << 1;
  const stride3 = stride2 + stride;
  const headBytes = headScoreBytes(plan);
  memory.fill(out + <usize>from * bytes, 0, <usize>(to - from) * bytes);
  memory.fill(out + rowBytes + <usize>from * bytes, 0, <usize>(to - from) * bytes);
  const blocks = positions & ~3;
  for (let position = 0; position < blocks; position += 4) {
    const block = values + <usize>position * stride;
    let offset = (<usize>position) << 2;
    for (let head = from; head < to; head++) {
      const at1 = weights1 + offset;
      const at2 = weights2 + offset;
      if (v128.any_true(v128.or(v128.load(at1), v128.load(at2)))) {
        const a0 = v128.load32_splat(at1);
        const a1 = v128.load32_splat(at1, 4);
        const a2 = v128.load32_splat(at1, 8);
        const a3 = v128.load32_splat(at1, 12);
        const b0 = v128.load32_splat(at2);
        const b1 = v128.load32_splat(at2, 4);
        const b2 = v128.load32_splat(at2, 8);
        const b3 = v128.load32_splat(at2, 12);
        let v = block + kvHeadOf(head, heads, kvHeads) * bytes;
        const first = out + <usize>head * bytes;
        for (let target = first; target < first + bytes; target += 16) {
          let sum1 = v128.load(target);
          let sum2 = v128.load(target + rowBytes);
          let part = v128.load(v);
          sum1 = f32x4.add(sum1, f32x4.mul(a0, part));
          sum2 = f32x4.add(sum2, f32x4.mul(b0, part));
          part = v128.load(v + stride);
          sum1 = f32x4.add(sum1, f32x4.mul(a1, part));
          sum2 = f32x4.add(sum2, f32x4.mul(b1, part));
          part = v128.load(v + stride2);
          sum1 = f32x4.add(sum1, f32x4.mul(a2, part));
          sum2 = f32x4.add(sum2, f32x4.mul(b2, part));
          part = v128.load(v + stride3);
          sum1 = f32x4.add(sum1, f32x4.mul(a3, part));
          sum2 = f32x4.add(sum2, f32x4.mul(b3, part));
          v128.store(target, sum1);
          v128.store(target + rowBytes, sum2);
          v += 16;
        }
      }
      offset += headBytes;
    }
  }
  weighLast(plan, weights1, values, from, to, blocks, positions, out);
  weighLast(plan, weights2, values, from, to, blocks, positions, out + rowBytes);
}
