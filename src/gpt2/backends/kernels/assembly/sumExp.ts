import { log2e, negligible } from "./constants";
import { powerOf2, sumLanes } from "./functions";

/** Numbers that are added up as floats before their sum is added to a double. */
const blockNumbers: usize = 64;

/** The sum of e^(x − largest) over `count` numbers; −∞ adds nothing. Terms below e⁻²⁶ are left out, see `softmax`. */
export function sumExp(x: usize, count: i32, largest: f32): f64 {
  const end = x + ((<usize>count) << 2);
  const shift = f32x4.splat(largest);
  let sum: f64 = 0;
  let at = x;
  while (at + 16 <= end) {
    const stop = min(at + (blockNumbers << 2), x + (((<usize>count) & ~3) << 2));
    let part = f32x4.splat(0);
    for (; at < stop; at += 16) part = f32x4.add(part, powers(v128.load(at), shift));
    sum += <f64>sumLanes(part);
  }
  for (; at < end; at += 4) sum += <f64>f32x4.extract_lane(powers(v128.load32_splat(at), shift), 0);
  return sum;
}

function powers(x: v128, shift: v128): v128 {
  const exponent = f32x4.sub(x, shift);
  return v128.and(powerOf2(f32x4.mul(exponent, log2e())), f32x4.gt(exponent, negligible()));
}

/** The largest of `count` numbers, at least one. */
export function largestOfAll(start: usize, count: i32): f32 {
  const end = start + ((<usize>count) << 2);
  let a = v128.load32_splat(start);
  let b = a;
  let at = start;
  for (; at + 32 <= end; at += 32) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
  }
  for (; at < end; at += 4) a = f32x4.pmax(a, v128.load32_splat(at));
  const most = f32x4.pmax(a, b);
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}
