/**
 * ggml's ternary types: blocks of 256 numbers that are −d, 0 or d. Source: `block_tq1_0` and `block_tq2_0` in ggml-common.h.
 */
import type { Layout } from "../layout";
import { blocks, halfAt } from "./smallBlocks";

/**
 * A byte holds five ternary digits as the fraction byte/256 in base 3, most significant digit first. Digit n of 32 bytes gives 32 numbers that lie
 * together, then those of 16 more bytes follow, then four digits each of the last 4 bytes.
 */
export const tq1_0: Layout = blocks(
  54,
  (bytes, at, out, index) => {
    const scale = halfAt(bytes, at + 52);
    let next = index;
    for (const [from, count, digits] of groups) {
      for (let digit = 0; digit < digits; digit++) {
        const power = 3 ** digit;
        for (let i = 0; i < count; i++) {
          const shifted = ((bytes[at + from + i] as number) * power) & 255;
          out[next++] = scale * (((shifted * 3) >> 8) - 1);
        }
      }
    }
  },
  256,
);

const groups = [
  [0, 32, 5],
  [32, 16, 5],
  [48, 4, 4],
] as const;

/** Two bits a number; 32 bytes hold 128 numbers, the lowest bits of all of them first. */
export const tq2_0: Layout = blocks(
  66,
  (bytes, at, out, index) => {
    const scale = halfAt(bytes, at + 64);
    for (let i = 0; i < 256; i++) {
      const pair = bytes[at + 32 * (i >> 7) + (i & 31)] as number;
      out[index + i] = scale * (((pair >> (2 * ((i >> 5) & 3))) & 3) - 1);
    }
  },
  256,
);
