import type { Random } from "./random";

/** Changes a file in one way. May return the same array, changed. */
type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** Sizes and counts at which programs go wrong. */
const numbers = [0n, 1n, 255n, 65535n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const texts = [
  "-1",
  "1e308",
  "0.5",
  "9007199254740993",
  "null",
  '""',
  "[]",
  "{}",
  "[".repeat(2000),
  "[[],[]]",
  '"\\u001b[2J"',
];

/** Headers are at the beginning, those of archives also at the end: half of the changes are made there. */
function place(bytes: Uint8Array, random: Random): number {
  const kind = random.below(4);
  const near = Math.min(bytes.length, 3000);
  if (kind === 0) return random.below(near);
  if (kind === 1) return bytes.length - 1 - random.below(near);
  return random.below(bytes.length);
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  // A Buffer throws where an array does not.
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]));
}

const mutations: Readonly<Record<string, Mutation>> = {
  "flip a bit": (bytes, random) => {
    const at = place(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  "set a byte": (bytes, random) => {
    bytes[place(bytes, random)] = random.below(256);
    return bytes;
  },
  "set a number": (bytes, random) => {
    const at = place(bytes, random);
    const value = random.pick(numbers);
    const width = random.pick([1, 2, 4, 8]);
    for (let i = 0; i < width && at + i < bytes.length; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n);
    return bytes;
  },
  truncate: (bytes, random) => bytes.subarray(0, place(bytes, random)),
  "cut the beginning off": (bytes, random) => bytes.subarray(place(bytes, random)),
  "insert bytes": (bytes, random) =>
    splice(bytes, place(bytes, random), 0, new Uint8Array(random.below(40)).fill(random.below(256))),
  "remove bytes": (bytes, random) => splice(bytes, place(bytes, random), 1 + random.below(40), new Uint8Array()),
  "repeat bytes": (bytes, random) => {
    const at = place(bytes, random);
    return splice(bytes, at, 0, bytes.slice(at, at + 1 + random.below(200)));
  },
  "copy bytes elsewhere": (bytes, random) => {
    const from = place(bytes, random);
    bytes.copyWithin(place(bytes, random), from, from + 1 + random.below(64));
    return bytes;
  },
  "zero bytes": (bytes, random) => {
    const at = place(bytes, random);
    return bytes.fill(0, at, at + 1 + random.below(64));
  },
  "change a number of a text": (bytes, random) => {
    const text = Buffer.from(bytes).toString("latin1");
    const found = [...text.slice(0, 10_000).matchAll(/\d+/g)];
    if (found.length === 0) return bytes;
    const { index, 0: digits } = random.pick(found);
    return splice(bytes, index, digits.length, new TextEncoder().encode(random.pick(texts)));
  },
  "empty the file": () => new Uint8Array(),
};

const names = Object.keys(mutations);

/** Changes a copy of a file in one to three ways. @returns it, and what was done */
export function mutate(bytes: Uint8Array, random: Random): { readonly bytes: Uint8Array; readonly done: string } {
  let changed: Uint8Array = new Uint8Array(bytes);
  const done: string[] = [];
  for (let left = 1 + random.below(3); left > 0 && changed.length > 0; left--) {
    const name = random.pick(names);
    changed = mutations[name]?.(changed, random) ?? changed;
    done.push(name);
  }
  return { bytes: changed, done: done.join(", ") };
}
