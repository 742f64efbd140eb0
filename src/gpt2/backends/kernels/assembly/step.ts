import { attention, attentionPieces, firstNeededRow } from "./attention";
import { cacheRow } from "./cache";
import { layerNorm } from "./layerNorm";
import { linear } from "./linear";
import { projectDown } from "./lowRank";
import { hiddenRow, toQkv, toHidden, toLogits, toResidual } from "./outputs";
import { panelsOf, quantizedRowBytes, rowScaleBytes } from "./panel";
import { Layer, Matrix, Plan, rowOf } from "./plan";
import { quantize } from "./quantize";
import { completePieces, currentStage, endStage, firstStage, startStage, takePieces, waitForEnd } from "./scheduler";

/** Work on each row before a matrix, a layer norm or none, and quantization; and before the scores. */
const nothing: i32 = 0;
const beforeQkv: i32 = 1;
const beforeScores: i32 = 2;
const beforeAttentionOutput: i32 = 3;
const beforeFeedForward: i32 = 4;
const beforeContract: i32 = 5;
const beforeHead: i32 = 6;

/** Stages of a layer's attention, of its feed-forward layer, and of the head. */
const attentionStages: i32 = 6;
const feedForwardStages: i32 = 4;
const headStages: i32 = 2;

/** Those of attention that fill the cache. */
const cachingStages: i32 = 3;

/** So few rows are prepared by the thread that completes the previous stage: sharing them would take longer. */
const fewRows: i32 = 4;

/** From so many rows on, a panel of weights is enough work for a thread to take one at a time. */
const manyRows: i32 = 16;

function hasHead(plan: Plan): bool {
  return plan.endSublayer == 2 * plan.layerCount && plan.logitRows > 0;
}

/** Stages of the step that the plan describes. */
export function stageCount(plan: Plan): i32 {
  const feedForwards = (plan.endSublayer >> 1) - (plan.firstSublayer >> 1);
  const attentions = plan.endSublayer - plan.firstSublayer - feedForwards;
  const unneeded = endsWithCaching(plan) ? attentionStages - cachingStages + feedForwardStages : 0;
  return attentions * attentionStages + feedForwards * feedForwardStages + (hasHead(plan) ? headStages : 0) - unneeded;
}

/** Whether nothing is needed of the last layer but its keys and values. */
function endsWithCaching(plan: Plan): bool {
  return plan.endSublayer > plan.firstSublayer && firstNeededRow(plan, plan.layerCount - 1) == plan.rows;
}

/** A thread's share of a step. */
export function runStep(plan: Plan, thread: i32): void {
  const scheduler = plan.scheduler;
  const first = firstStage(scheduler);
  const end = endStage(scheduler);
  const firstSublayer = plan.firstSublayer;
  const endSublayer = plan.endSublayer;
  const head = hasHead(plan);
  const cachingLayer = endsWithCaching(plan) ? plan.layerCount - 1 : -1;
  // When the step is over, the host may be writing the next one. What was read of the plan is valid if the step is still running
  // afterwards, which it also is for a thread that has taken a piece of it.
  if (currentStage(scheduler) - first >= end - first || firstStage(scheduler) != first) return;

  let stage = first;
  for (let sublayer = firstSublayer; sublayer < endSublayer; sublayer++) {
    const last = sublayer + 1 == endSublayer;
    if (sublayer & 1) {
      const next = last ? (head ? beforeHead : nothing) : beforeQkv;
      feedForward(plan, sublayer >> 1, stage, next, thread);
      stage += feedForwardStages;
    } else {
      fillCache(plan, sublayer >> 1, stage, thread);
      if (sublayer >> 1 == cachingLayer) return;
      attend(plan, sublayer >> 1, stage + cachingStages, last ? nothing : beforeFeedForward, thread);
      stage += attentionStages;
    }
  }
  if (!head) return;
  prepareRows(plan, stage, beforeHead, 0);
  multiply(plan, stage + 1, plan.head, toLogits, plan.rows - plan.logitRows, nothing, 0, thread);
}

function layerOf(plan: Plan, index: i32): Layer {
  return load<Layer>(plan.layers + ((<usize>index) << 2));
}

/** Queries, keys and values of a layer. */
function fillCache(plan: Plan, index: i32, stage: i32, thread: i32): void {
  prepareRows(plan, stage, beforeQkv, index);
  multiply(plan, stage + 1, layerOf(plan, index).qkv, toQkv, 0, beforeScores, index, thread);
  prepareRows(plan, stage + 2, beforeScores, index);
}

function attend(plan: Plan, index: i32, stage: i32, next: i32, thread: i32): void {
  const layer = layerOf(plan, index);
  const pieces = attentionPieces(plan, index);
  const share = shareOf(plan, pieces, plan.rows < manyRows ? 2 : 8);
  for (;;) {
    const from = takePieces(plan.scheduler, stage, share, pieces);
    if (from < 0) break;
    const to = min(from + share, pieces);
    attention(plan, from, to, index, layer.scoreScale, thread);
    complete(plan, stage, to - from, pieces, beforeAttentionOutput, index);
  }
  waitForEnd(plan.scheduler, stage);
  prepareRows(plan, stage + 1, beforeAttentionOutput, index);
  multiply(plan, stage + 2, layer.attentionOutput, toResidual, firstNeededRow(plan, index), next, index, thread);
}

/** @param next the row work of the following stage, for the next layer if there is one */
function feedForward(plan: Plan, index: i32, stage: i32, next: i32, thread: i32): void {
  const layer = layerOf(plan, index);
  prepareRows(plan, stage, beforeFeedForward, index);
  const first = firstNeededRow(plan, index);
  multiply(plan, stage + 1, layer.expand, toHidden, first, beforeContract, index, thread);
  prepareRows(plan, stage + 2, beforeContract, index);
  multiply(plan, stage + 3, layer.contract, toResidual, first, next, next == beforeQkv ? index + 1 : index, thread);
}

/**
 * How many pieces a thread takes at a time: all if it is alone, otherwise 1 / `rounds` of its share, so that all threads finish at about
 * the same time.
 */
function shareOf(plan: Plan, pieces: i32, rounds: i32): i32 {
  return plan.threads == 1 ? pieces : max(1, pieces / (plan.threads * rounds));
}

/**
 * A stage: a linear layer for the rows from `first` on.
 * @param next the row work of the following stage, if there is any
 * @param index the layer of that
 */
function multiply(
  plan: Plan,
  stage: i32,
  matrix: Matrix,
  target: i32,
  first: i32,
  next: i32,
  index: i32,
  thread: i32,
): void {
  const panels = panelsOf(matrix);
  const share = shareOf(plan, panels, plan.rows - first < manyRows ? 8 : 32);
  for (;;) {
    const from = takePieces(plan.scheduler, stage, share, panels);
    if (from < 0) break;
    const to = min(from + share, panels);
    linear(plan, matrix, from, to, first, plan.rows, target, thread);
    complete(plan, stage, to - from, panels, next, index);
  }
  waitForEnd(plan.scheduler, stage);
}

/** A stage: the work on each row. It is skipped if the previous stage has done it. */
function prepareRows(plan: Plan, stage: i32, kind: i32, index: i32): void {
  const first = firstRowOf(plan, kind, index);
  const count = plan.rows - first;
  const share = shareOf(plan, count, 8);
  for (;;) {
    const from = takePieces(plan.scheduler, stage, share, count);
    if (from < 0) break;
    const to = min(from + share, count);
    for (let row = first + from; row < first + to; row++) prepareRow(plan, kind, index, row);
    complete(plan, stage, to - from, count, nothing, index);
  }
  waitForEnd(plan.scheduler, stage);
}

/** Starts the next stage when these pieces were the last. @param next rows that the next stage is to prepare, if any */
function complete(plan: Plan, stage: i32, count: i32, pieces: i32, next: i32, index: i32): void {
  if (!completePieces(plan.scheduler, count, pieces)) return;
  const first = firstRowOf(plan, next, index);
  if (next == nothing || plan.rows - first > fewRows) {
    startStage(plan.scheduler, stage + 1);
    return;
  }
  for (let row = first; row < plan.rows; row++) prepareRow(plan, next, index, row);
  startStage(plan.scheduler, stage + 2);
}

/** The first row that takes part in the work of a kind. */
function firstRowOf(plan: Plan, kind: i32, layer: i32): i32 {
  if (kind == beforeHead) return plan.rows - plan.logitRows;
  return kind == beforeQkv || kind == beforeScores ? 0 : firstNeededRow(plan, layer);
}

/** Quantizes a row for the matrix that comes next. @param index the matrix's layer */
function prepareRow(plan: Plan, kind: i32, index: i32, row: i32): void {
  if (kind == beforeHead) {
    normalize(plan, plan.finalGain, plan.finalNormBias, row, plan.head);
    return;
  }
  if (kind == beforeScores) {
    cacheRow(plan, index, row);
    return;
  }
  const layer = layerOf(plan, index);
  if (kind == beforeQkv) normalize(plan, layer.attentionGain, layer.attentionNormBias, row, layer.qkv);
  else if (kind == beforeAttentionOutput)
    quantizeRow(plan, rowOf(plan, plan.attended, row), row, layer.attentionOutput);
  else if (kind == beforeFeedForward) {
    normalize(plan, layer.feedForwardGain, layer.feedForwardNormBias, row, layer.expand);
  } else quantizeRow(plan, hiddenRow(plan, row), row, layer.contract);
}

/** Layer-normalizes a row of the residual stream and quantizes it. */
function normalize(plan: Plan, gain: usize, bias: usize, row: i32, next: Matrix): void {
  const normalized = rowOf(plan, plan.normalized, row);
  layerNorm(rowOf(plan, plan.x, row), gain, bias, normalized, plan.width, plan.epsilon);
  quantizeRow(plan, normalized, row, next);
}

/** @param values of the row */
function quantizeRow(plan: Plan, values: usize, row: i32, next: Matrix): void {
  if (next.rank) projectDown(plan, values, row, next);
  const to = plan.quantized + <usize>row * quantizedRowBytes(next);
  quantize(plan, values, to, next.inputs, plan.blockScales + <usize>row * rowScaleBytes(next));
}
