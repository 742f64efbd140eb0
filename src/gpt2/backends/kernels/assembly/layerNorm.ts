import { sumLanes } from "./functions";

/** Layer normalization of a row: (x − mean) / √(variance + ε) · gain + bias. `width` is a multiple of 4. */
export function layerNorm(x: usize, gain: usize, bias: usize, out: usize, width: i32, epsilon: f32): void {
  const bytes = (<usize>width) << 2;
  const mean = f32x4.splat(sumOf(x, bytes) / <f32>width);
  const variance = squaresOf(x, bytes, mean) / <f32>width;
  const factor = f32x4.splat(<f32>1 / sqrt<f32>(variance + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    const normalized = f32x4.mul(f32x4.sub(v128.load(x + i), mean), factor);
    v128.store(out + i, f32x4.add(f32x4.mul(normalized, v128.load(gain + i)), v128.load(bias + i)));
  }
}

/** In four sums, so that no addition waits for the one before it. */
function sumOf(x: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i: usize = 0;
  for (; i + 48 < bytes; i += 64) {
    a = f32x4.add(a, v128.load(x + i));
    b = f32x4.add(b, v128.load(x + i, 16));
    c = f32x4.add(c, v128.load(x + i, 32));
    d = f32x4.add(d, v128.load(x + i, 48));
  }
  for (; i < bytes; i += 16) a = f32x4.add(a, v128.load(x + i));
  return sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** The sum of (x − mean)². */
function squaresOf(x: usize, bytes: usize, mean: v128): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i: usize = 0;
  for (; i + 48 < bytes; i += 64) {
    a = f32x4.add(a, square(f32x4.sub(v128.load(x + i), mean)));
    b = f32x4.add(b, square(f32x4.sub(v128.load(x + i, 16), mean)));
    c = f32x4.add(c, square(f32x4.sub(v128.load(x + i, 32), mean)));
    d = f32x4.add(d, square(f32x4.sub(v128.load(x + i, 48), mean)));
  }
  for (; i < bytes; i += 16) a = f32x4.add(a, square(f32x4.sub(v128.load(x + i), mean)));
  return sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

function square(x: v128): v128 {
  return f32x4.mul(x, x);
}
