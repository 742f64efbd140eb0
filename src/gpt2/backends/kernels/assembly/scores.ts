import { largestOf, powerBelow, sumLanes, sumLanesF32 } from "./functions";
import { headScoreBytes, kvHeadOf, positionBytes } from "./heads";
import { Plan } from "./plan";

/**
 * Scaled products of a row's query with the keys from `start`, a multiple of four, to before `end`, and on up to a multiple of four, for the heads
 * from `from` to before `to`.
 */
export function score(
  plan: Plan,
  query: usize,
  keys: usize,
  from: i32,
  to: i32,
  start: i32,
  end: i32,
  scale: f32,
  scores: usize,
): void {
  const heads = plan.heads;
  const kvHeads = plan.kvHeads;
  const bytes = (<usize>plan.headWidth) << 2;
  const stride = positionBytes(plan);
  const headBytes = headScoreBytes(plan);
  const factor = f32x4.splat(scale);
  for (let position = start; position < end; position += 4) {
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
export function scoreTwo(
  plan: Plan,
  query: usize,
  keys: usize,
  from: i32,
  to: i32,
  start: i32,
  end: i32,
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
  for (let position = start; position < end; position += 4) {
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

/**
 * Turns scores into weights that add up to 1. A score that is 26 below the largest gets no weight (see `powerBelow`). Four positions without weight are skipped; and weights of e⁻⁸⁰ would make products that are
 * denormal, which takes a processor a hundred times longer.
 */
export function softmax(scores: usize, positions: i32): void {
  const end = scores + (((<usize>(positions + 3)) & ~3) << 2);
  const shift = f32x4.splat(largestOf(scores, end));
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const power = powerBelow(v128.load(at), shift);
    v128.store(at, power);
    sum = f32x4.add(sum, power);
  }
  const factor = f32x4.splat(<f32>1 / sumLanes(sum));
  for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
}
