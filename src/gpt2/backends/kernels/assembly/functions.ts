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

/**
 * eˣ for |x| ≤ 87 (what is beyond is cut), to 2 units in the last place: x = n·ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts so that
 * r is exact, eʳ by the polynomial of Cephes' `expf` (Moshier), and 2ⁿ put into the exponent.
 */
export function exp(x: v128): v128 {
  const cut = f32x4.max(f32x4.splat(-87), f32x4.min(f32x4.splat(87), x));
  const n = f32x4.nearest(f32x4.mul(cut, f32x4.splat(1.44269504)));
  let r = f32x4.sub(cut, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const power = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(power, exponent);
}

/** GELU in the tanh form: ½x(1 + tanh u) with u = √(2/π)(x + 0.044715x³), and ½(1 + tanh u) is 1 / (1 + e⁻²ᵘ). */
function geluTanh(x: v128): v128 {
  const cubic = f32x4.mul(f32x4.mul(f32x4.mul(x, x), x), f32x4.splat(0.044715));
  const u = f32x4.mul(f32x4.add(x, cubic), f32x4.splat(0.7978845608));
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp(f32x4.mul(u, f32x4.splat(-2)))));
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
  return f32x4.max(x, f32x4.splat(0));
}
