import { attention, attentionPieces } from "./attention";
import { groupsOf, linear, toCache, toHidden, toLogits, toResidual } from "./linear";
import { Layer, Matrix, Meeting, Plan } from "./plan";
import { layerNorm, quantize } from "./rows";
import { advance, complete, currentStage, endStage, firstStage, take, waitForEnd } from "./stages";

/** What is done row by row before a matrix: a layer norm or nothing, and quantising. */
const nothing: i32 = 0;
const beforeAttention: i32 = 1;
const beforeAttentionOutput: i32 = 2;
const beforeFeedForward: i32 = 3;
const beforeContract: i32 = 4;
const beforeHead: i32 = 5;

/** Stages of a layer's attention, of its feed-forward layer, and of the head. */
const attentionStages: i32 = 5;
const feedForwardStages: i32 = 4;
const headStages: i32 = 2;

/** So few rows are prepared by the thread that completes the stage before: handing them out would take longer. */
const fewRows: i32 = 4;

function hasHead(plan: Plan): bool {
  return plan.lastHalf == 2 * plan.layerCount && plan.logitRows > 0;
}

/** Stages of the step that the plan describes. */
export function stageCount(plan: Plan): i32 {
  const feedForwards = (plan.lastHalf >> 1) - (plan.firstHalf >> 1);
  const attentions = plan.lastHalf - plan.firstHalf - feedForwards;
  return attentions * attentionStages + feedForwards * feedForwardStages + (hasHead(plan) ? headStages : 0);
}

/** A thread's share of a step. */
export function runStep(plan: Plan, thread: i32): void {
  const meeting = plan.meeting;
  const first = firstStage(meeting);
  const end = endStage(meeting);
  const firstHalf = plan.firstHalf;
  const lastHalf = plan.lastHalf;
  const head = hasHead(plan);
  // When the step is over, the host may be writing the next one. What is read of the plan is right if the step is still going on
  // afterwards, which it also is for whoever has taken a piece of it.
  if (currentStage(meeting) - first >= end - first || firstStage(meeting) != first) return;

  let stage = first;
  for (let half = firstHalf; half < lastHalf; half++) {
    const last = half + 1 == lastHalf;
    if (half & 1) {
      const next = last ? (head ? beforeHead : nothing) : beforeAttention;
      feedForward(plan, half >> 1, stage, next);
      stage += feedForwardStages;
    } else {
      attend(plan, half >> 1, stage, last ? nothing : beforeFeedForward, thread);
      stage += attentionStages;
    }
  }
  if (!head) return;
  prepareRows(plan, stage, beforeHead, 0);
  multiply(plan, stage + 1, plan.head, toLogits, nothing, 0);
}

function layerOf(plan: Plan, index: i32): Layer {
  return load<Layer>(plan.layers + ((<usize>index) << 2));
}

function attend(plan: Plan, index: i32, stage: i32, next: i32, thread: i32): void {
  const layer = layerOf(plan, index);
  prepareRows(plan, stage, beforeAttention, index);
  multiply(plan, stage + 1, layer.qkv, toCache, nothing, index);
  const pieces = attentionPieces(plan);
  const share = shareOf(plan, pieces, 2);
  for (;;) {
    const from = take(plan.meeting, stage + 2, share, pieces);
    if (from < 0) break;
    const to = min(from + share, pieces);
    attention(plan, from, to, index, layer.scoreScale, thread);
    completePieces(plan, stage + 2, to - from, pieces, beforeAttentionOutput, index);
  }
  waitForEnd(plan.meeting, stage + 2);
  prepareRows(plan, stage + 3, beforeAttentionOutput, index);
  multiply(plan, stage + 4, layer.attentionOutput, toResidual, next, index);
}

/** @param next what the stage behind it begins with, for the next layer if there is one */
function feedForward(plan: Plan, index: i32, stage: i32, next: i32): void {
  const layer = layerOf(plan, index);
  prepareRows(plan, stage, beforeFeedForward, index);
  multiply(plan, stage + 1, layer.expand, toHidden, beforeContract, index);
  prepareRows(plan, stage + 2, beforeContract, index);
  multiply(plan, stage + 3, layer.contract, toResidual, next, next == beforeAttention ? index + 1 : index);
}

/** How many pieces a thread takes at a time: all if it is alone, otherwise so few that all threads are done at about the same time. */
function shareOf(plan: Plan, pieces: i32, rounds: i32): i32 {
  return plan.threads == 1 ? pieces : max(1, pieces / (plan.threads * rounds));
}

/** A stage: a linear layer for all rows, or the head for those that get logits. */
function multiply(plan: Plan, stage: i32, matrix: Matrix, target: i32, next: i32, index: i32): void {
  const groups = groupsOf(matrix);
  const share = shareOf(plan, groups, 8);
  for (;;) {
    const from = take(plan.meeting, stage, share, groups);
    if (from < 0) break;
    const to = min(from + share, groups);
    const first = target == toLogits ? plan.rows - plan.logitRows : 0;
    linear(plan, matrix, from, to, first, plan.rows - first, target, index);
    completePieces(plan, stage, to - from, groups, next, index);
  }
  waitForEnd(plan.meeting, stage);
}

/** A stage: what is done row by row. There is nothing left of it where the stage before has done it. */
function prepareRows(plan: Plan, stage: i32, kind: i32, index: i32): void {
  const first = kind == beforeHead ? plan.rows - plan.logitRows : 0;
  const count = plan.rows - first;
  for (;;) {
    const piece = take(plan.meeting, stage, 1, count);
    if (piece < 0) break;
    prepareRow(plan, kind, index, first + piece);
    completePieces(plan, stage, 1, count, nothing, index);
  }
  waitForEnd(plan.meeting, stage);
}

/** Lets the next stage begin when these pieces were the last. @param next rows that the next stage is to prepare, if any */
function completePieces(plan: Plan, stage: i32, count: i32, pieces: i32, next: i32, index: i32): void {
  const meeting: Meeting = plan.meeting;
  if (!complete(meeting, count, pieces)) return;
  if (next == nothing || plan.rows > fewRows) {
    advance(meeting, stage + 1);
    return;
  }
  for (let row = next == beforeHead ? plan.rows - plan.logitRows : 0; row < plan.rows; row++) {
    prepareRow(plan, next, index, row);
  }
  advance(meeting, stage + 2);
}

/** Quantises a row for the matrix that comes next. @param index the matrix's layer */
function prepareRow(plan: Plan, kind: i32, index: i32, row: i32): void {
  if (kind == beforeHead) {
    normalize(plan, plan.finalGain, plan.finalNormBias, row, plan.head);
    return;
  }
  const layer = layerOf(plan, index);
  if (kind == beforeAttention) normalize(plan, layer.attentionGain, layer.attentionNormBias, row, layer.qkv);
  else if (kind == beforeAttentionOutput) quantizeRow(plan, plan.attended, row, layer.attentionOutput);
  else if (kind == beforeFeedForward) {
    normalize(plan, layer.feedForwardGain, layer.feedForwardNormBias, row, layer.expand);
  } else quantizeRow(plan, plan.hidden, row, layer.contract);
}

/** Layer-normalises a row of the residual stream and quantises it. */
function normalize(plan: Plan, gain: usize, bias: usize, row: i32, next: Matrix): void {
  const at = (<usize>row * plan.width) << 2;
  layerNorm(plan.x + at, gain, bias, plan.normalized + at, plan.width, plan.epsilon);
  quantizeRow(plan, plan.normalized, row, next);
}

function quantizeRow(plan: Plan, values: usize, row: i32, next: Matrix): void {
  const from = values + ((<usize>row * next.inputs) << 2);
  const to = plan.quantized + <usize>row * ((<usize>next.blocks) << 5);
  store<f32>(plan.quantizedScales + ((<usize>row) << 2), quantize(from, to, next.inputs, next.range));
}
