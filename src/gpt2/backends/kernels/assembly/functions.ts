import {
  geluCubic,
  geluLinear,
  largestExponent,
  log2e,
  negligible,
  one,
  power1,
  power2,
  power3,
  power4,
  power5,
  roundingBias,
  smallestExponent,
} from "./constants";

/** Sums of the lanes of four vectors, `[Σa, Σb, Σc, Σd]`, each as (0 + 2) + (1 + 3). */
export function sumLanesI32(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(i32x4.shuffle(c, d, 0, 4, 1, 5), i32x4.shuffle(c, d, 2, 6, 3, 7));
  return i32x4.add(i32x4.shuffle(ab, cd, 0, 1, 4, 5), i32x4.shuffle(ab, cd, 2, 3, 6, 7));
}

export function sumLanesF32(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(f32x4.shuffle(a, b, 0, 4, 1, 5), f32x4.shuffle(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(f32x4.shuffle(c, d, 0, 4, 1, 5), f32x4.shuffle(c, d, 2, 6, 3, 7));
  return f32x4.add(f32x4.shuffle(ab, cd, 0, 1, 4, 5), f32x4.shuffle(ab, cd, 2, 3, 6, 7));
}

export function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}

export function largestLane(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/** The largest of the numbers from `start` to before `end`, a multiple of 16 bytes. */
export function largestOf(start: usize, end: usize): f32 {
  let a = v128.load(start);
  let b = a;
  let at = start;
  for (; at + 16 < end; at += 32) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
  }
  if (at < end) a = f32x4.pmax(a, v128.load(at));
  return largestLane(f32x4.pmax(a, b));
}

/** The smallest of the numbers from `start` to before `end`, a multiple of 16 bytes. */
export function smallestOf(start: usize, end: usize): f32 {
  let a = v128.load(start);
  let b = a;
  let at = start;
  for (; at + 16 < end; at += 32) {
    a = f32x4.pmin(a, v128.load(at));
    b = f32x4.pmin(b, v128.load(at, 16));
  }
  if (at < end) a = f32x4.pmin(a, v128.load(at));
  return -largestLane(f32x4.neg(f32x4.pmin(a, b)));
}

/** The integers nearest to `factor` times the four numbers at `x`, below 2²² in magnitude. */
export function scaledIntegers(x: usize, factor: v128): v128 {
  const bias = roundingBias();
  return i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), factor), bias), bias);
}

/**
 * 2ˣ for −126 ≤ x < 127.5; anything for other x. x = n + f with |f| ≤ ½: 2ᶠ by a polynomial, its terms in pairs so that few operations wait
 * for one another, and n added to the exponent.
 */
export function powerOf2(x: v128): v128 {
  const biased = f32x4.add(x, roundingBias());
  const f = f32x4.sub(x, f32x4.sub(biased, roundingBias()));
  const square = f32x4.mul(f, f);
  const high = f32x4.add(f32x4.mul(power5(), f), power4());
  const middle = f32x4.add(f32x4.mul(power3(), f), power2());
  const low = f32x4.add(f32x4.mul(power1(), f), one());
  const power = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(high, square), middle), square), low);
  return i32x4.add(power, i32x4.shl(biased, 23));
}

/**
 * e^(x − shift) for x ≤ shift. What is `negligible`, below e⁻²⁶, is 0: 8,192 times e⁻²⁶ add up to less than a float's rounding error.
 */
export function powerBelow(x: v128, shift: v128): v128 {
  const exponent = f32x4.sub(x, shift);
  return v128.and(powerOf2(f32x4.mul(exponent, log2e())), f32x4.gt(exponent, negligible()));
}

function clampExponent(x: v128): v128 {
  return f32x4.pmax(smallestExponent(), f32x4.pmin(largestExponent(), x));
}

/**
 * eˣ for |x| ≤ 87 (other x are clamped), with a relative error of 2e-7 plus 2⁻²³·|x|, for x·log₂e is rounded: as if x were the
 * next float.
 */
export function exp(x: v128): v128 {
  return powerOf2(clampExponent(f32x4.mul(x, log2e())));
}

/** GELU in the tanh form: ½x(1 + tanh u) with u = √(2/π)(x + 0.044715x³), and ½(1 + tanh u) is 1 / (1 + e⁻²ᵘ). */
function geluTanh(x: v128): v128 {
  const exponent = f32x4.mul(x, f32x4.add(geluLinear(), f32x4.mul(geluCubic(), f32x4.mul(x, x))));
  return f32x4.div(x, f32x4.add(one(), powerOf2(clampExponent(exponent))));
}

/** ½x(1 + erf(x/√2)), the error function by Abramowitz & Stegun 7.1.26, to 1.5e-7. */
function geluErf(x: v128): v128 {
  const z = f32x4.abs(f32x4.mul(x, f32x4.splat(0.7071067812)));
  const t = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(z, f32x4.splat(0.3275911))));
  let p = f32x4.splat(1.061405429);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
  const tail = f32x4.mul(f32x4.mul(p, t), exp(f32x4.neg(f32x4.mul(z, z))));
  // 1 + erf(z) is 2 − tail, and 1 + erf(−z) is the tail itself.
  const doubled = v128.bitselect(tail, f32x4.sub(f32x4.splat(2), tail), f32x4.lt(x, f32x4.splat(0)));
  return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), doubled);
}

/** @param form as `Plan.activation` */
export function activate(form: i32, x: v128): v128 {
  if (form == 0) return geluTanh(x);
  if (form == 1) return geluErf(x);
  return f32x4.pmax(f32x4.splat(0), x);
}
