import { headScoreBytes, kvHeadOf, positionBytes } from "./heads";
import { Plan } from "./plan";

/**
 * Adds the values from position `start`, a multiple of four, to before `end`, by the weights of the heads from `from` to before `to`, to the
 * row `out`, position after position.
 */
export function weigh(
  plan: Plan,
  weights: usize,
  values: usize,
  from: i32,
  to: i32,
  start: i32,
  end: i32,
  out: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const stride = positionBytes(plan);
  const stride2 = stride << 1;
  const stride3 = stride2 + stride;
  const headBytes = headScoreBytes(plan);
  const blocks = end & ~3;
  for (let position = start; position < blocks; position += 4) {
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
  weighLast(plan, weights, values, from, to, blocks, end, out);
}

/** The positions that {@link weigh} has left after the last multiple of four, one at a time. */
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
export function weighTwo(
  plan: Plan,
  weights1: usize,
  weights2: usize,
  values: usize,
  from: i32,
  to: i32,
  start: i32,
  end: i32,
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
  const blocks = end & ~3;
  for (let position = start; position < blocks; position += 4) {
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
  weighLast(plan, weights1, values, from, to, blocks, end, out);
  weighLast(plan, weights2, values, from, to, blocks, end, out + rowBytes);
}
