import { headScoreBytes } from "./heads";
import { branchOf, Plan, rowOf } from "./plan";
import { score, scoreTwo, softmax } from "./scores";
import { weigh, weighTwo } from "./weigh";

/** Rows of a group: a head's keys and values are read once for all of them. */
const groupRows: i32 = 8;

/** Positions that a group's rows are multiplied with one row after the other, so few that their keys stay in the first-level cache. */
const stripPositions: i32 = 32;

/** So few rows read the cache from front to back, all heads of a position in turn. */
const fewRows: i32 = 2;

/**
 * Heads of a piece. A step of few rows reads the whole cache once: with all heads of a position in turn that is from front to back, which is
 * what memory is fast at. With many rows each head's part of the cache stays near, and is read again for the next rows.
 */
function headsTogether(plan: Plan): i32 {
  if (plan.branches || plan.rows > fewRows) return 1;
  return (plan.heads + plan.threads - 1) / plan.threads;
}

function rowGroups(plan: Plan): i32 {
  return (plan.rows + groupRows - 1) / groupRows;
}

/** Independent pieces of a layer's attention: some heads of a group of rows; of branches, a head. */
export function attentionPieces(plan: Plan): i32 {
  const together = headsTogether(plan);
  return ((plan.heads + together - 1) / together) * rowGroups(plan);
}

/**
 * Attention of the step's rows over the cache, which already holds their own keys and values: row r sees the first past + r + 1
 * positions. The operations of a row and their order do not depend on the rows that it is computed with.
 * @param thread whose scores buffer is used
 */
export function attention(plan: Plan, from: i32, to: i32, layer: i32, scale: f32, thread: i32): void {
  const scores = plan.scores + <usize>(thread * plan.scoreBytes);
  const groups = rowGroups(plan);
  const together = headsTogether(plan);
  for (let piece = from; piece < to; piece++) {
    const group = piece % groups;
    const head = (piece / groups) * together;
    if (plan.branches) attendBranches(plan, layer, scale, scores, head, group * groupRows);
    else attendGroup(plan, layer, scale, scores, head, min(head + together, plan.heads), group * groupRows);
  }
}

/** The heads from `from` to before `to` of the group of rows that starts with `first`. */
function attendGroup(plan: Plan, layer: i32, scale: f32, scores: usize, from: i32, to: i32, first: i32): void {
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const end = min(first + groupRows, plan.rows);
  const positions = plan.past + end;
  const rowScores = <usize>(to - from) * headScoreBytes(plan);
  scoreGroup(plan, keys, from, to, first, end, positions, scale, scores);
  for (let row = first; row < end; row++) {
    finishRow(plan, from, to, row, end, scores + <usize>(row - first) * rowScores);
  }
  weighGroup(plan, keys + plan.cacheBlockBytes, from, to, first, end, positions, scores);
}

/** Positions of a strip. With several heads there is only one pass, of few rows. */
function stripOf(from: i32, to: i32, positions: i32): i32 {
  return to - from > 1 ? positions : stripPositions;
}

/** Scores of the rows from `first` to before `end` at the first `positions` of the cache, as far as each sees them. */
function scoreGroup(
  plan: Plan,
  keys: usize,
  from: i32,
  to: i32,
  first: i32,
  end: i32,
  positions: i32,
  scale: f32,
  scores: usize,
): void {
  const strip = stripOf(from, to, positions);
  const rowScores = <usize>(to - from) * headScoreBytes(plan);
  for (let start = 0; start < positions; start += strip) {
    let target = scores;
    for (let row = first; row < end; row += 2) {
      scoreStrip(plan, keys, from, to, row, start, min(start + strip, positions), scale, target);
      target += 2 * rowScores;
    }
  }
}

/** Adds the values of these positions to the rows, by the weights that the scores have become. */
function weighGroup(
  plan: Plan,
  values: usize,
  from: i32,
  to: i32,
  first: i32,
  end: i32,
  positions: i32,
  weights: usize,
): void {
  const strip = stripOf(from, to, positions);
  const rowScores = <usize>(to - from) * headScoreBytes(plan);
  for (let start = 0; start < positions; start += strip) {
    let source = weights;
    for (let row = first; row < end; row += 2) {
      weighStrip(plan, values, from, to, row, start, min(start + strip, positions), source);
      source += 2 * rowScores;
    }
  }
}

/** Scores of a row, and of the next one if there is one, at the positions from `start` to before `end` that they see. */
function scoreStrip(
  plan: Plan,
  keys: usize,
  from: i32,
  to: i32,
  row: i32,
  start: i32,
  end: i32,
  scale: f32,
  scores: usize,
): void {
  const query = rowOf(plan, plan.query, row);
  const alone = row + 1 == plan.rows;
  const last = min(end, plan.past + row + (alone ? 1 : 2));
  if (alone) score(plan, query, keys, from, to, start, last, scale, scores);
  else {
    const second = scores + <usize>(to - from) * headScoreBytes(plan);
    scoreTwo(plan, query, keys, from, to, start, last, scale, scores, second);
  }
}

function weighStrip(
  plan: Plan,
  values: usize,
  from: i32,
  to: i32,
  row: i32,
  start: i32,
  end: i32,
  weights: usize,
): void {
  const out = rowOf(plan, plan.attended, row);
  const alone = row + 1 == plan.rows;
  const last = min(end, plan.past + row + (alone ? 1 : 2));
  if (last <= start) return;
  if (alone) weigh(plan, weights, values, from, to, start, last, out);
  else {
    const second = weights + <usize>(to - from) * headScoreBytes(plan);
    weighTwo(plan, weights, second, values, from, to, start, last, out);
  }
}

/** Turns a row's scores into weights, and clears what its heads' values are added to. */
function finishRow(plan: Plan, from: i32, to: i32, row: i32, end: i32, scores: usize): void {
  const positions = plan.past + row + 1;
  clearHeads(plan, from, to, row);
  for (let head = from; head < to; head++) {
    finishScores(plan, head, row, positions, scores);
    // It is weighed together with the next row, which sees one position more.
    if (row + 1 < end) store<f32>(scores + ((<usize>positions) << 2), 0);
    scores += headScoreBytes(plan);
  }
}

function clearHeads(plan: Plan, from: i32, to: i32, row: i32): void {
  const headBytes = (<usize>plan.headWidth) << 2;
  const out = rowOf(plan, plan.attended, row);
  memory.fill(out + <usize>from * headBytes, 0, <usize>(to - from) * headBytes);
}

/**
 * A head of the group of rows that starts with `first`: all of them over the common prefix, then each over its own tail. The operations of a
 * row and their order are those of a sequence that has both in one cache.
 */
function attendBranches(plan: Plan, layer: i32, scale: f32, scores: usize, head: i32, first: i32): void {
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const end = min(first + groupRows, plan.rows);
  scoreGroup(plan, keys, head, head + 1, first, end, plan.past, scale, scores);
  let own = scores;
  for (let row = first; row < end; row++, own += headScoreBytes(plan)) {
    const branch = branchOf(plan, row);
    const tailKeys = branch.cache + <usize>(2 * layer) * branch.cacheBlockBytes;
    // After the last key of the prefix there are up to three more scores: those of the tail replace them.
    const tailScores = own + ((<usize>plan.past) << 2);
    score(plan, rowOf(plan, plan.query, row), tailKeys, head, head + 1, 0, branch.length + 1, scale, tailScores);
    finishScores(plan, head, row, plan.past + branch.length + 1, own);
    clearHeads(plan, head, head + 1, row);
  }
  weighGroup(plan, keys + plan.cacheBlockBytes, head, head + 1, first, end, plan.past, scores);
  own = scores;
  for (let row = first; row < end; row++, own += headScoreBytes(plan)) {
    const branch = branchOf(plan, row);
    const tailValues = branch.cache + <usize>(2 * layer + 1) * branch.cacheBlockBytes;
    const tailWeights = own + ((<usize>plan.past) << 2);
    weigh(plan, tailWeights, tailValues, head, head + 1, 0, branch.length + 1, rowOf(plan, plan.attended, row));
  }
}

/** Turns a head's scores into weights, after storing the scores for a tap if there is one. */
function finishScores(plan: Plan, head: i32, row: i32, positions: i32, scores: usize): void {
  if (plan.tappedScores) {
    const first = (head * plan.rows + row) * (plan.past + plan.rows);
    memory.copy(plan.tappedScores + ((<usize>first) << 2), scores, (<usize>positions) << 2);
  }
  // The scores up to a multiple of four are those of other rows of the cache.
  for (let position = positions; position & 3; position++) store<f32>(scores + ((<usize>position) << 2), -Infinity);
  softmax(scores, positions);
}
