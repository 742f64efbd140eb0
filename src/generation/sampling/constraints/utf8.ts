import type { CharacterSet } from "./characterSet";
import { type ByteRange, bytes, choice, type Expression, sequence } from "./expression";

/** How a character from a set is written, as bytes. */
export type CharacterEncoding = (set: CharacterSet) => Expression;

/** The largest code points that take 1, 2, 3 and 4 bytes. */
const largest = [0x7f, 0x7ff, 0xffff, 0x10ffff] as const;

/** Characters in UTF-8. */
export const utf8: CharacterEncoding = (set) => byFirstByte(set.flatMap(([from, to]) => byteRanges(from, to)));

/** A choice of byte sequences, in the order of their bytes, in which those that begin alike share their beginning. */
function byFirstByte(sequences: readonly (readonly ByteRange[])[]): Expression {
  const groups: { readonly first: ByteRange; readonly rests: (readonly ByteRange[])[] }[] = [];
  for (const [first, ...rest] of sequences) {
    if (!first) continue;
    const last = groups.at(-1);
    if (last?.first[0] === first[0] && last.first[1] === first[1]) last.rests.push(rest);
    else groups.push({ first, rests: [rest] });
  }
  return choice(
    ...groups.map(({ first, rests: [rest = [], ...others] }) =>
      others.length === 0 ? bytes(first, ...rest) : sequence(bytes(first), byFirstByte([rest, ...others])),
    ),
  );
}

/** The UTF-8 of the code points of a range, as sequences of byte ranges. */
export function byteRanges(from: number, to: number): ByteRange[][] {
  const found: ByteRange[][] = [];
  let start = from;
  for (const [index, most] of largest.entries()) {
    if (start > most || start > to) continue;
    found.push(...sameLength(start, Math.min(to, most), index + 1));
    start = most + 1;
  }
  return found;
}

/** The same for code points that all take `length` bytes: a range is split until only its last bytes differ freely. */
function sameLength(from: number, to: number, length: number): ByteRange[][] {
  for (let tail = 1; tail < length; tail++) {
    const mask = (1 << (6 * tail)) - 1;
    if ((from & ~mask) === (to & ~mask)) break;
    if ((from & mask) !== 0) {
      return [...sameLength(from, from | mask, length), ...sameLength((from | mask) + 1, to, length)];
    }
    if ((to & mask) !== mask) {
      return [...sameLength(from, (to & ~mask) - 1, length), ...sameLength(to & ~mask, to, length)];
    }
  }
  const [first, last] = [encode(from), encode(to)];
  return [Array.from(first, (byte, i): ByteRange => [byte, last[i] ?? byte])];
}

function encode(codePoint: number): Uint8Array {
  return new TextEncoder().encode(String.fromCodePoint(codePoint));
}
