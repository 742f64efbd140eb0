import { multiplyAdd } from "./tile";

/**
 * Products as in a tile, twelve sums in turn, whose weights stay in a register while inputs come from the first-level cache: no linear layer
 * can be faster. For measurements.
 * @param memory 192 bytes of inputs; the first 16 are overwritten with a result, so that there is one
 * @returns multiply-adds
 */
export function multiplyInRegisters(rounds: i32, memory: usize): f64 {
  // Not a constant: V8 would build it anew for each product.
  const weights = v128.load(memory);
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
    a = multiplyAdd(weights, v128.load(memory), a);
    b = multiplyAdd(weights, v128.load(memory, 16), b);
    c = multiplyAdd(weights, v128.load(memory, 32), c);
    d = multiplyAdd(weights, v128.load(memory, 48), d);
    e = multiplyAdd(weights, v128.load(memory, 64), e);
    f = multiplyAdd(weights, v128.load(memory, 80), f);
    g = multiplyAdd(weights, v128.load(memory, 96), g);
    h = multiplyAdd(weights, v128.load(memory, 112), h);
    i = multiplyAdd(weights, v128.load(memory, 128), i);
    j = multiplyAdd(weights, v128.load(memory, 144), j);
    k = multiplyAdd(weights, v128.load(memory, 160), k);
    l = multiplyAdd(weights, v128.load(memory, 176), l);
  }
  const first = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), v128.xor(e, f));
  v128.store(memory, v128.xor(first, v128.xor(v128.xor(v128.xor(g, h), v128.xor(i, j)), v128.xor(k, l))));
  return <f64>rounds * 12 * (ASC_FEATURE_RELAXED_SIMD ? 16 : 8);
}
