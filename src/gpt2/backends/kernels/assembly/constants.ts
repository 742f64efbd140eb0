/**
 * Constants of vector code, which are loaded from memory: V8 builds a vector constant from immediate operands wherever it is used, which takes
 * more instructions than most of what is computed with it. They are at the start of the heap, in memory that the host reserves
 * for them (`../heap.ts`).
 */
const table: usize = memory.data<f32>([
  87, -87, 1.44269504, 12582912, 0.693359375, -2.1219444e-4, 1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3,
  4.1665795894e-2, 1.6666665459e-1, 0.5, 1, -26, -1.5957691216, -0.0713548163,
]);

function constant(index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** The end of the memory that the constants take. */
export function constantsEnd(): usize {
  return __heap_base;
}

/** What `exp` clamps its argument to. */
export function largestExponent(): v128 {
  return constant(0);
}

export function smallestExponent(): v128 {
  return constant(1);
}

/** 1 / ln 2. */
export function log2e(): v128 {
  return constant(2);
}

/** 1.5·2²³: added to a float below 2²² in magnitude, it leaves the nearest integer in the lowest bits of the sum. */
export function roundingBias(): v128 {
  return constant(3);
}

/** ln 2 in two parts, the first with few bits. */
export function ln2High(): v128 {
  return constant(4);
}

export function ln2Low(): v128 {
  return constant(5);
}

/** The polynomial of Cephes' `expf` (Moshier). */
export function exp0(): v128 {
  return constant(6);
}

export function exp1(): v128 {
  return constant(7);
}

export function exp2(): v128 {
  return constant(8);
}

export function exp3(): v128 {
  return constant(9);
}

export function exp4(): v128 {
  return constant(10);
}

export function half(): v128 {
  return constant(11);
}

export function one(): v128 {
  return constant(12);
}

/** See `softmax`. */
export function negligible(): v128 {
  return constant(13);
}

/** −2·√(2/π), and that times 0.044715, of GELU in the tanh form. */
export function geluLinear(): v128 {
  return constant(14);
}

export function geluCubic(): v128 {
  return constant(15);
}
