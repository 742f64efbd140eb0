import { keyMatrix, keyScaleOffset, keysOf, queryRow, valueOffset, valueScaleOffset } from "./cache";
import { inputBytes } from "./dots";
import { branchOf, Plan, rowOf } from "./plan";
import { score } from "./scores";
import { softmax } from "./softmax";
import { tileRows } from "./tile";
import { weigh } from "./weigh";

/** Rows of a group: a head's keys and values are read once for all of them. As many as a tile of scores has. */
const groupRows: i32 = tileRows;

/** The first row whose output of a layer is needed: of the last layer, those of the rows that get logits. */
export function firstNeededRow(plan: Plan, layer: i32): i32 {
  const isLast = layer + 1 == plan.layerCount && changetype<usize>(plan.head) != 0;
  return isLast && !plan.tappedScores ? plan.rows - plan.logitRows : 0;
}

function rowGroups(plan: Plan, layer: i32): i32 {
  return (plan.rows - firstNeededRow(plan, layer) + groupRows - 1) / groupRows;
}

/** Independent pieces of a layer's attention: a head of a group of rows. */
export function attentionPieces(plan: Plan, layer: i32): i32 {
  return plan.heads * rowGroups(plan, layer);
}

/**
 * Attention of the step's rows over the cache, which already holds their own keys and values: row r sees the first past + r + 1
 * positions, or those of its branch. What a row gets does not depend on the rows that it is computed with, nor on how its positions are
 * divided between a prefix and a branch.
 * @param thread whose memory is used
 */
export function attention(plan: Plan, from: i32, to: i32, layer: i32, scale: f32, thread: i32): void {
  const groups = rowGroups(plan, layer);
  const firstRow = firstNeededRow(plan, layer);
  for (let piece = from; piece < to; piece++) {
    attendGroup(plan, layer, scale, piece / groups, firstRow + (piece % groups) * groupRows, thread);
  }
}

/** A head of the group of rows that starts with `first`. */
function attendGroup(plan: Plan, layer: i32, scale: f32, head: i32, first: i32, thread: i32): void {
  const rows = min(plan.rows - first, groupRows);
  const keys = keysOf(plan, plan.cache, plan.cacheCapacity, layer, head);
  // Of a branch it is the prefix.
  const positions = plan.branches ? plan.past : plan.past + first + rows;
  scoreRows(plan, keys, plan.cacheCapacity, positions, head, first, rows, scale, scoresOf(plan, thread, 0), thread);
  const valueScales = keys + valueScaleOffset(plan, plan.cacheCapacity);
  if (plan.branches) memory.copy(valueScalesOf(plan, thread), valueScales, (<usize>positions) << 2);
  for (let i = 0; i < rows; i++) {
    memory.fill(outputOf(plan, head, first + i), 0, (<usize>plan.headWidth) << 2);
    if (plan.branches) attendBranch(plan, layer, scale, head, first + i, i, thread);
    else finishScores(plan, head, first + i, i, plan.past + first + i + 1, positions, valueScales, thread);
  }
  const values = keys + valueOffset(plan, plan.cacheCapacity);
  const weights = weightsOf(plan, thread, 0);
  weigh(plan, weights, halfBytes(plan), rows, values, plan.cacheCapacity, positions, outputOf(plan, head, first));
  for (let i = 0; i < rows; i++) {
    toFloats(outputOf(plan, head, first + i), plan.headWidth, load<f32>(factorOf(plan, thread, i)));
  }
}

/** A row over its own tail, and its weights of the prefix. @param i the row's place in the group */
function attendBranch(plan: Plan, layer: i32, scale: f32, head: i32, row: i32, i: i32, thread: i32): void {
  const branch = branchOf(plan, row);
  const capacity = branch.cacheCapacity;
  const length = branch.length + 1;
  const keys = keysOf(plan, branch.cache, capacity, layer, head);
  const past = <usize>plan.past;
  // After the last key of the prefix there are the scores of some others: those of the tail replace them.
  const tailScores = scoresOf(plan, thread, i) + (past << 2);
  scoreRows(plan, keys, capacity, length, head, row, 1, scale, tailScores, thread);
  const valueScales = valueScalesOf(plan, thread);
  memory.copy(valueScales + (past << 2), keys + valueScaleOffset(plan, capacity), (<usize>length) << 2);
  // The tail's weights are read in fours from its first on, wherever that is.
  finishScores(plan, head, row, i, plan.past + length, plan.past + length + 3, valueScales, thread);
  const weights = weightsOf(plan, thread, i);
  const tailWeights = weights + past * inputBytes;
  const values = keys + valueOffset(plan, capacity);
  weigh(plan, tailWeights, halfBytes(plan), 1, values, capacity, length, outputOf(plan, head, row));
  for (let position = past; position & 3; position++) clearWeight(plan, weights, position);
}

/** Scores of rows at the first `positions` of a head's keys. */
function scoreRows(
  plan: Plan,
  keys: usize,
  capacity: i32,
  positions: i32,
  head: i32,
  first: i32,
  rows: i32,
  scale: f32,
  scores: usize,
  thread: i32,
): void {
  const matrix = keyMatrix(plan, thread);
  matrix.weights = keys;
  const scales = keys + keyScaleOffset(plan, capacity);
  const products = plan.tiles + <usize>(thread * plan.tileBytes);
  score(
    plan,
    matrix,
    scales,
    positions,
    queryRow(plan, head, first),
    rows,
    scale,
    scores,
    rowScoreBytes(plan),
    products,
  );
}

/**
 * Turns a row's scores into weights, after storing the scores for a tap if there is one.
 * @param i the row's place in the group
 * @param positions that the row sees
 * @param end up to where there are to be weights, of 0 after those of the positions
 */
function finishScores(
  plan: Plan,
  head: i32,
  row: i32,
  i: i32,
  positions: i32,
  end: i32,
  valueScales: usize,
  thread: i32,
): void {
  const scores = scoresOf(plan, thread, i);
  if (plan.tappedScores) {
    const first = (head * plan.rows + row) * (plan.past + plan.rows);
    memory.copy(plan.tappedScores + ((<usize>first) << 2), scores, (<usize>positions) << 2);
  }
  const count = (end + 15) & ~15;
  for (let position = positions; position < count; position++) store<f32>(scores + ((<usize>position) << 2), -Infinity);
  const factor = softmax(scores, count, valueScales, weightsOf(plan, thread, i), halfBytes(plan));
  store<f32>(factorOf(plan, thread, i), factor);
}

function clearWeight(plan: Plan, weights: usize, position: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    store<u8>(weights + position, 0);
    store<u8>(weights + halfBytes(plan) + position, 0);
  } else store<u16>(weights + 2 * position, 0);
}

/** Turns integers into floats, in place. */
function toFloats(at: usize, count: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  const end = at + ((<usize>count) << 2);
  for (; at < end; at += 16) v128.store(at, f32x4.mul(f32x4.convert_i32x4_s(v128.load(at)), scale));
}

/** What a head adds to a row of the output. */
function outputOf(plan: Plan, head: i32, row: i32): usize {
  return rowOf(plan, plan.attended, row) + ((<usize>(head * plan.headWidth)) << 2);
}

/**
 * A thread has memory for a group's scores, and then for its weights, for a row's scales of values, and for the factors of the rows.
 * @param i the row's place in the group
 */
function scoresOf(plan: Plan, thread: i32, i: i32): usize {
  return plan.scores + <usize>(thread * plan.scoreBytes) + <usize>i * rowScoreBytes(plan);
}

function rowScoreBytes(plan: Plan): usize {
  return (<usize>plan.scoreCapacity) << 2;
}

function weightsOf(plan: Plan, thread: i32, i: i32): usize {
  return scoresOf(plan, thread, groupRows) + <usize>i * 2 * halfBytes(plan);
}

/** Bytes of one half of a row's weights, see `softmax.ts`. */
function halfBytes(plan: Plan): usize {
  return <usize>plan.scoreCapacity;
}

function valueScalesOf(plan: Plan, thread: i32): usize {
  return weightsOf(plan, thread, groupRows);
}

function factorOf(plan: Plan, thread: i32, i: i32): usize {
  return valueScalesOf(plan, thread) + rowScoreBytes(plan) + ((<usize>i) << 2);
}
