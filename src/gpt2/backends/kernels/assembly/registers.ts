import { multiplyAdd } from "./tile";

/**
 * Products whose operands stay in registers, twelve sums in turn as in a tile: no linear layer can be faster. For measurements.
 * @param out where 16 bytes of the results are stored, so that they are computed
 * @returns multiply-adds
 */
export function multiplyInRegisters(rounds: i32, out: usize): f64 {
  const weights = i8x16.splat(3);
  let a = i32x4.splat(1);
  let b = i32x4.splat(2);
  let c = i32x4.splat(3);
  let d = i32x4.splat(4);
  let e = i32x4.splat(5);
  let f = i32x4.splat(6);
  let g = i32x4.splat(7);
  let h = i32x4.splat(8);
  let i = i32x4.splat(9);
  let j = i32x4.splat(10);
  let k = i32x4.splat(11);
  let l = i32x4.splat(12);
  for (let round = 0; round < rounds; round++) {
    // A sum is also an operand, or the compiler would compute equal products once.
    a = multiplyAdd(weights, a, a);
    b = multiplyAdd(weights, b, b);
    c = multiplyAdd(weights, c, c);
    d = multiplyAdd(weights, d, d);
    e = multiplyAdd(weights, e, e);
    f = multiplyAdd(weights, f, f);
    g = multiplyAdd(weights, g, g);
    h = multiplyAdd(weights, h, h);
    i = multiplyAdd(weights, i, i);
    j = multiplyAdd(weights, j, j);
    k = multiplyAdd(weights, k, k);
    l = multiplyAdd(weights, l, l);
  }
  const first = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), v128.xor(e, f));
  v128.store(out, v128.xor(first, v128.xor(v128.xor(v128.xor(g, h), v128.xor(i, j)), v128.xor(k, l))));
  return <f64>rounds * 12 * (ASC_FEATURE_RELAXED_SIMD ? 16 : 8);
}
