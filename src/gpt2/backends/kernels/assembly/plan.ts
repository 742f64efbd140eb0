/**
 * What the host writes into the heap for the kernels: records of 32-bit words, in the order of `../plan.ts`. References are addresses.
 */

/**
 * A linear layer, y = W·x + b, in 8 bits: `outputs` rows of `inputs` weights, each row with a scale. Four rows at a time lie together,
 * 16 weights of each in turn, so that a thread reads one stream of whole cache lines (64 bytes): the weight of row n at k is the byte
 * `weights + ((n >> 2) * blocks + (k >> 4)) * 64 + (n & 3) * 16 + (k & 15)`. What is behind the last row and column is 0.
 */
@unmanaged
export class Matrix {
  weights: usize;
  /** f32 `[outputs]`. */
  scales: usize;
  /** i32 `[outputs]`: `offset` times the sum of each row's weights, see `rows.ts`. */
  corrections: usize;
  /** f32 `[outputs]`. */
  bias: usize;
  outputs: i32;
  inputs: i32;
  /** Blocks of 16 inputs, the last one filled up. */
  blocks: i32;
  /** Largest magnitude of a quantised input, as a float: see `rows.ts`. */
  range: f32;
}

@unmanaged
export class Layer {
  attentionGain: usize;
  attentionNormBias: usize;
  qkv: Matrix;
  attentionOutput: Matrix;
  feedForwardGain: usize;
  feedForwardNormBias: usize;
  expand: Matrix;
  contract: Matrix;
  /** What q·k is multiplied with. */
  scoreScale: f32;
}

/** The tail of one of several sequences that begin alike: see `Plan.branches`. */
@unmanaged
export class Branch {
  /** Keys and values behind the common ones, laid out as the cache. */
  cache: usize;
  cacheBlockBytes: i32;
  /** Tokens in it before this step. */
  length: i32;
}

/** Where threads meet, in a cache line of its own: see `stages.ts`. */
@unmanaged
export class Meeting {
  /** The number of the stage that is at work, in the upper half, and of its piece that is taken next. */
  work: i64;
  /** Pieces of the stage that are done. */
  done: i32;
  /** Threads that sleep, or are about to. */
  sleepers: i32;
  /** The first stage of the step, and the one behind its last. */
  first: i32;
  end: i32;
  /** Steps begun. */
  started: i32;
  /** 1 when there will be no more steps. */
  stopped: i32;
}

/** The model, the buffers of a step of up to the host's largest number of rows, and the step to be run. */
@unmanaged
export class Plan {
  width: i32;
  heads: i32;
  kvHeads: i32;
  headWidth: i32;
  innerWidth: i32;
  /** 0: GELU in the tanh form, 1: in the erf form, 2: ReLU. */
  activation: i32;
  epsilon: f32;
  layerCount: i32;
  /** Addresses of `layerCount` layers. */
  layers: usize;
  finalGain: usize;
  finalNormBias: usize;
  head: Matrix;
  threads: i32;
  meeting: Meeting;
  /** The residual stream, f32 `[rows, width]`. */
  x: usize;
  /** Layer-normalised rows, f32 `[rows, width]`. */
  normalized: usize;
  /** Quantised rows, 16 bits per number, and for each row the scale. */
  quantized: usize;
  quantizedScales: usize;
  /** f32 `[rows, width]`. */
  query: usize;
  /** What attention found, f32 `[rows, width]`. */
  attended: usize;
  /** f32 `[rows, innerWidth]`. */
  hidden: usize;
  /** f32 `[threads, 2, heads, scoreCapacity]`. */
  scores: usize;
  scoreCapacity: i32;
  /** f32 `[logitRows, outputs of the head]`. */
  logits: usize;
  /** New tokens in this step, and those in the cache before. */
  rows: i32;
  past: i32;
  /** Keys and values, see `KvCache`: blocks of `cacheBlockBytes`, for each layer one of keys and one of values. */
  cache: usize;
  cacheBlockBytes: i32;
  /** The half-layers to be run: 2i is the attention of layer i, 2i + 1 its feed-forward layer. */
  firstHalf: i32;
  lastHalf: i32;
  /** How many of the last rows get logits, when the last half-layer has been run. */
  logitRows: i32;
  /**
   * A `Branch` for each row, when each row is of another sequence and all begin with the `past` tokens of the cache; 0 when all rows are of
   * one sequence.
   */
  branches: usize;
  /** f32 `[heads, rows, past + rows]` for the scores before the softmax, or 0. */
  tappedScores: usize;
}

export function branchOf(plan: Plan, row: i32): Branch {
  return changetype<Branch>(plan.branches + <usize>row * offsetof<Branch>());
}
