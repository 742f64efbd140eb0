/** Numbers in [0, 1). */
export type Random = () => number;

/**
 * The generator mulberry32 (Tommy Ettinger): 32 bits of state and only integer arithmetic, so a seed gives the same numbers on
 * every machine. Its period of 2³² is far beyond what a text needs.
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
