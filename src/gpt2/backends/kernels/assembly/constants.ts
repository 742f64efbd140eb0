/**
 * Constants of vector code, which are loaded from memory: V8 builds a vector constant from immediate operands wherever it is used, which takes
 * more instructions than most of what is computed with it. They are at the start of the heap, in memory that the host reserves
 * for them (`../heap.ts`).
 */
const table: usize = memory.data<f32>([
  1.44269504, 126, -126, 12582912, 1.3264727e-3, 9.6715127e-3, 5.5507337e-2, 2.4022242e-1, 6.9314698e-1, 1, -26,
  -2.3022082, -0.10294324,
]);

function constant(index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** The end of the memory that the constants take. */
export function constantsEnd(): usize {
  return __heap_base;
}

/** 1 / ln 2. */
export function log2e(): v128 {
  return constant(0);
}

/** What `exp` clamps exponents of 2 to: all powers between them are normal numbers. */
export function largestExponent(): v128 {
  return constant(1);
}

export function smallestExponent(): v128 {
  return constant(2);
}

/** 1.5·2²³: added to a float below 2²² in magnitude, it leaves the nearest integer in the lowest bits of the sum. */
export function roundingBias(): v128 {
  return constant(3);
}

/** Coefficients of x⁵ to x of a polynomial for 2ˣ − 1 on [−½, ½] with the least relative error of 2ˣ, 9e-8. */
export function power5(): v128 {
  return constant(4);
}

export function power4(): v128 {
  return constant(5);
}

export function power3(): v128 {
  return constant(6);
}

export function power2(): v128 {
  return constant(7);
}

export function power1(): v128 {
  return constant(8);
}

export function one(): v128 {
  return constant(9);
}

/** See `powerBelow`. */
export function negligible(): v128 {
  return constant(10);
}

/** −2·√(2/π) / ln 2, and that times 0.044715, of GELU in the tanh form. */
export function geluLinear(): v128 {
  return constant(11);
}

export function geluCubic(): v128 {
  return constant(12);
}
