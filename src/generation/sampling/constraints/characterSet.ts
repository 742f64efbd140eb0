/** Code points from the first to the second one. */
export type CodePointRange = readonly [from: number, to: number];

/** A set of Unicode characters: ranges in ascending order with gaps between them. Surrogates, which are no characters, are left out. */
export type CharacterSet = readonly CodePointRange[];

const lastCodePoint = 0x10ffff;
const surrogates: CharacterSet = [[0xd800, 0xdfff]];

export const allCharacters: CharacterSet = [
  [0, 0xd7ff],
  [0xe000, lastCodePoint],
];

/** The union of ranges in any order. */
export function characterSet(ranges: Iterable<CodePointRange>): CharacterSet {
  return subtract(merge(ranges), surrogates);
}

export function complement(set: CharacterSet): CharacterSet {
  return subtract(allCharacters, set);
}

/** The characters of `set` that are not in `others`. */
export function subtract(set: CharacterSet, others: CharacterSet): CharacterSet {
  const left: CodePointRange[] = [];
  for (const [from, to] of set) {
    let start = from;
    for (const [otherFrom, otherTo] of others) {
      if (otherTo < start || otherFrom > to) continue;
      if (otherFrom > start) left.push([start, otherFrom - 1]);
      start = otherTo + 1;
    }
    if (start <= to) left.push([start, to]);
  }
  return left;
}

function merge(ranges: Iterable<CodePointRange>): CharacterSet {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

const properties = new Map<string, CharacterSet>();

/** The characters that a Unicode property escape such as `\p{L}` stands for, by the tables of the JavaScript engine. */
export function propertySet(escape: string): CharacterSet {
  const known = properties.get(escape);
  if (known) return known;
  const pattern = new RegExp(escape, "u");
  const found: CodePointRange[] = [];
  let start = -1;
  for (let codePoint = 0; codePoint <= lastCodePoint + 1; codePoint++) {
    const matches = codePoint <= lastCodePoint && pattern.test(String.fromCodePoint(codePoint));
    if (matches && start < 0) start = codePoint;
    if (!matches && start >= 0) {
      found.push([start, codePoint - 1]);
      start = -1;
    }
  }
  const set = characterSet(found);
  properties.set(escape, set);
  return set;
}
