import type { ThreefryStream } from "./options";
import type { Random } from "./random";

/** Word 0 of tinygrad's key for its first device: the last four bytes of SHA-256 of four zero bytes. Word 1 is the seed. */
const deviceWord = 347607321;
const parity = 0x1bd11bda;
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** The block cipher Threefry-2x32 with 20 rounds (Salmon et al. 2011). All words are unsigned. */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const keys = [key[0], key[1], (parity ^ key[0] ^ key[1]) >>> 0] as const;
  const word = (i: number) => keys[(i % 3) as 0 | 1 | 2];
  let x0 = (counter[0] + keys[0]) | 0;
  let x1 = (counter[1] + keys[1]) | 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of rotations[(group % 2) as 0 | 1]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    x0 = (x0 + word(group + 1)) | 0;
    x1 = (x1 + word(group + 2) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/**
 * The numbers that tinygrad's `Tensor.rand` gives one row of a batch, one per step. Each step has a key of its own, the encrypted counter.
 * A step of B rows encrypts 0 … ⌈B/2⌉ - 1, paired with those ⌈B/2⌉ further on; the first words are the first half of the rows.
 * 23 bits make a float in [0, 1).
 */
export function threefryRandom(seed: number, { counter, row, rows }: ThreefryStream): Random {
  const half = Math.ceil(rows / 2);
  let next = counter;
  return () => {
    const key = threefry2x32([deviceWord, seed >>> 0], [next >>> 0, Math.floor(next / 2 ** 32)]);
    const bits = threefry2x32(key, [row % half, (row % half) + half])[row < half ? 0 : 1];
    next += rows;
    return (bits >>> 9) / 2 ** 23;
  };
}

/** The parts of a model that tinygrad initializes at random before it loads the weights. */
export interface InitializedShape {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly width: number;
  readonly innerWidth: number;
  readonly layers: number;
}

/** How many random numbers tinygrad's GPT-2 draws while it is built: embeddings, head and linear layers with their biases. */
export function numbersDrawnByModel(shape: InitializedShape): number {
  const { vocabSize, contextLength, width, innerWidth, layers } = shape;
  const linear = (inputs: number, outputs: number) => (inputs + 1) * outputs;
  const layer = linear(width, 3 * width) + linear(width, width) + linear(width, innerWidth) + linear(innerWidth, width);
  return (2 * vocabSize + contextLength) * width + layers * layer;
}
