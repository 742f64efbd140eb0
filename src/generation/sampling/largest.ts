/** The index of the largest value, the first one on ties. Empty values give 0. */
export function argmax(values: Float32Array): number {
  const count = values.length;
  let best = 0;
  let most = values[0] ?? 0;
  for (let i = 1; i < count; i++) {
    const value = values[i] as number;
    if (value > most) [best, most] = [i, value];
  }
  return best;
}

/**
 * The indices of the `count` largest values, the largest first, the lower index first on ties. Values below the worst that is kept
 * are dropped at sight and the rest is sorted a buffer at a time, so 50,000 values cost little more than one pass.
 */
export function largest(values: Float32Array, count: number): Int32Array {
  const wanted = Math.min(count, values.length);
  if (wanted <= 0) return new Int32Array(0);
  const descending = (a: number, b: number) => (values[b] as number) - (values[a] as number) || a - b;
  const kept = new Int32Array(2 * wanted);
  let length = 0;
  let worst = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (length >= wanted && value <= worst) continue;
    kept[length++] = i;
    if (length === kept.length) {
      kept.sort(descending);
      length = wanted;
      worst = values[kept[wanted - 1] as number] as number;
    }
  }
  return kept.subarray(0, length).sort(descending).slice(0, wanted);
}
