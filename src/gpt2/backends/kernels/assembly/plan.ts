/**
 * Records that the host writes into the heap for the kernels: 32-bit words in the order of `../plan.ts`, which a test compares with this
 * file. References are addresses.
 */

/** A linear layer y = W·x + b with 8-bit weights and a scale for each output. */
@unmanaged
export class Matrix {
  /** Panels of eight outputs, see `../packMatrix.ts`. */
  weights: usize;
  /** f32 `[outputs]`. */
  scales: usize;
  /** f32 `[outputs]`. */
  bias: usize;
  outputs: i32;
  inputs: i32;
  /** Inputs with zeros appended up to a multiple of 16. */
  paddedInputs: i32;
  /** Rank of what an adapter adds, a multiple of 4; 0 for nothing. */
  rank: i32;
  /** f32 `[rank, inputs]`. */
  down: usize;
  /** f32 `[outputs / 4, rank, 4]`. */
  up: usize;
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
  /** Factor of q·k. */
  scoreScale: f32;
}

/** The tail of one of several sequences with a common prefix: see `Plan.branches`. */
@unmanaged
export class Branch {
  /** Keys and values after the prefix, in the layout of the cache. */
  cache: usize;
  /** Positions that the cache has memory for, a multiple of 8. */
  cacheCapacity: i32;
  /** Tokens in it before this step. */
  length: i32;
}

/** How the threads share the work of a step, in a cache line of its own: see `scheduler.ts`. */
@unmanaged
export class Scheduler {
  /** The next piece to take of the current stage (lower half) and the number of that stage (upper half), changed together. */
  nextPiece: i32;
  stage: i32;
  /** Completed pieces of the stage. */
  done: i32;
  /** Threads that sleep, or are about to. */
  sleepers: i32;
  /** The first stage of the step, and the one after its last. */
  firstStage: i32;
  endStage: i32;
  /** Number of steps that were started. */
  started: i32;
  /** 1 when there will be no more steps. */
  stopped: i32;
}

/** The model, the buffers of a step, and the step to run. Buffers hold the largest number of rows that the host passes. */
@unmanaged
export class Plan {
  width: i32;
  heads: i32;
  kvHeads: i32;
  headWidth: i32;
  /** `headWidth` up to a multiple of 16, as `Matrix.paddedInputs`. */
  paddedHeadWidth: i32;
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
  scheduler: Scheduler;
  /** 1 when relaxed SIMD takes inputs as signed bytes, see `dots.ts`. */
  signedInputs: i32;
  /** The residual stream, f32 `[rows, width]`. */
  x: usize;
  /** Layer-normalized rows, f32 `[rows, width]`. */
  normalized: usize;
  /** Quantized rows, 8 or 16 bits per number. */
  quantized: usize;
  /** Scale and minimum of each block of a quantized row, f32 `[rows, blocks, 2]`. */
  blockScales: usize;
  /** f32 `[rows, width]`. */
  query: usize;
  /** Keys and values of the rows, f32 `[rows, kvHeads·headWidth]`, which go into the cache in 8 bits. */
  keys: usize;
  values: usize;
  /** For each thread a `Matrix` of the keys that it multiplies with. */
  keyMatrices: usize;
  /** The output of attention, f32 `[rows, width]`. */
  attended: usize;
  /** f32 `[rows, innerWidth]`. */
  hidden: usize;
  /** Attention scores and weights, `scoreBytes` for each thread: see `attention.ts`. */
  scores: usize;
  scoreBytes: i32;
  /** Positions that a row's scores have memory for, a multiple of 16 and at least 16 more than a sequence has. */
  scoreCapacity: i32;
  /** Sums of a tile of a linear layer, `tileBytes` for each thread. */
  tiles: usize;
  tileBytes: i32;
  /** f32 `[logitRows, outputs of the head]`. */
  logits: usize;
  /** New tokens in this step, and tokens in the cache before it. */
  rows: i32;
  past: i32;
  /** Keys and values, see `cache.ts`. */
  cache: usize;
  /** Positions that the cache has memory for, a multiple of 8. */
  cacheCapacity: i32;
  /** The sublayers to run: 2i is the attention of layer i, 2i + 1 its feed-forward layer. */
  firstSublayer: i32;
  endSublayer: i32;
  /** How many of the last rows get logits, if the last sublayer of the model is run. */
  logitRows: i32;
  /**
   * A `Branch` for each row when each row belongs to another sequence and all begin with the `past` tokens of the cache; 0 when all rows
   * belong to one sequence.
   */
  branches: usize;
  /** f32 `[heads, rows, past + rows]` for the scores before the softmax, or 0. */
  tappedScores: usize;
  /** Products of the rows with an adapter's `down`, f32 `[rows, rank]`. */
  projected: usize;
}

export function branchOf(plan: Plan, row: i32): Branch {
  return changetype<Branch>(plan.branches + <usize>row * offsetof<Branch>());
}

/** A row of a buffer of `width` columns. */
export function rowOf(plan: Plan, buffer: usize, row: i32): usize {
  return buffer + ((<usize>row * plan.width) << 2);
}
