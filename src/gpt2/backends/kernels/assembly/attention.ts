import { headScoreBytes } from "./heads";
import { branchOf, Plan } from "./plan";
import { score, scoreTwo, softmax } from "./scores";
import { weigh, weighTwo } from "./weigh";

/** Rows that look back in one pass over the cache. */
const rowsTogether: i32 = 2;

/**
 * Heads of a piece. A step of few rows reads the whole cache once for each pass: with all heads of a position in turn that is from front to
 * back, which is what memory is fast at. With many rows each head's part of the cache stays near, and is read again for the next rows.
 */
function headsTogether(plan: Plan): i32 {
  if (plan.branches || plan.rows > rowsTogether) return 1;
  return (plan.heads + plan.threads - 1) / plan.threads;
}

function headGroups(plan: Plan): i32 {
  const together = headsTogether(plan);
  return (plan.heads + together - 1) / together;
}

/** Pieces that the attention's work is made of: some heads of two rows, or of a last one; of branches, each head of one. */
export function attentionPieces(plan: Plan): i32 {
  return headGroups(plan) * (plan.branches ? plan.rows : (plan.rows + 1) / rowsTogether);
}

/**
 * Attention of the step's rows over the cache, where their own keys and values already are: row r looks at the first past + r + 1
 * positions. Two rows together read keys and values once; the operations of a row and their order are the same either way.
 * @param thread whose scores buffer is used
 */
export function attention(plan: Plan, from: i32, to: i32, layer: i32, scale: f32, thread: i32): void {
  if (plan.branches) {
    for (let piece = from; piece < to; piece++) {
      attendBranch(plan, layer, scale, thread, piece / plan.rows, piece % plan.rows);
    }
    return;
  }
  const pairs = (plan.rows + 1) / rowsTogether;
  const together = headsTogether(plan);
  for (let piece = from; piece < to; piece++) {
    const first = (piece / pairs) * together;
    attend(plan, layer, scale, thread, first, min(first + together, plan.heads), (piece % pairs) * rowsTogether);
  }
}

/** A thread's scores of its first row, f32 `[heads, scoreCapacity]`; those of the second are behind them. */
function scoresOf(plan: Plan, thread: i32): usize {
  return plan.scores + <usize>(rowsTogether * thread * plan.heads) * headScoreBytes(plan);
}

/** The heads from `from` to before `to` of a row, and of the next one if there is one. */
function attend(plan: Plan, layer: i32, scale: f32, thread: i32, from: i32, to: i32, row: i32): void {
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const values = keys + plan.cacheBlockBytes;
  const rowBytes = (<usize>plan.width) << 2;
  const at = <usize>row * rowBytes;
  const positions = plan.past + row + 1;
  const headBytes = headScoreBytes(plan);
  const scores = scoresOf(plan, thread);
  if (row + 1 == plan.rows) {
    score(plan, plan.query + at, keys, from, to, positions, scale, scores);
    for (let head = from; head < to; head++) {
      finishScores(plan, head, row, positions, scores + <usize>(head - from) * headBytes);
    }
    weigh(plan, scores, values, from, to, positions, plan.attended + at, false);
    return;
  }
  const second = scores + <usize>plan.heads * headBytes;
  scoreTwo(plan, plan.query + at, keys, from, to, positions + 1, scale, scores, second);
  for (let head = from; head < to; head++) {
    const offset = <usize>(head - from) * headBytes;
    finishScores(plan, head, row, positions, scores + offset);
    finishScores(plan, head, row + 1, positions + 1, second + offset);
    // The first row does not see the second.
    store<f32>(scores + offset + ((<usize>positions) << 2), 0);
  }
  weighTwo(plan, scores, second, values, from, to, positions + 1, plan.attended + at);
}

/**
 * A head's row over the common cache and then over the tail of its own. The operations and their order are those of a sequence that
 * has both in one cache.
 */
function attendBranch(plan: Plan, layer: i32, scale: f32, thread: i32, head: i32, row: i32): void {
  const branch = branchOf(plan, row);
  const keys = plan.cache + <usize>(2 * layer) * plan.cacheBlockBytes;
  const tailKeys = branch.cache + <usize>(2 * layer) * branch.cacheBlockBytes;
  const at = (<usize>row * plan.width) << 2;
  const scores = scoresOf(plan, thread);
  const tailScores = scores + ((<usize>plan.past) << 2);
  const own = branch.length + 1;
  // Behind the last key these write a few scores more: the tail's take their place.
  score(plan, plan.query + at, keys, head, head + 1, plan.past, scale, scores);
  score(plan, plan.query + at, tailKeys, head, head + 1, own, scale, tailScores);
  finishScores(plan, head, row, plan.past + own, scores);
  const values = keys + plan.cacheBlockBytes;
  weigh(plan, scores, values, head, head + 1, plan.past, plan.attended + at, false);
  const tailValues = tailKeys + branch.cacheBlockBytes;
  weigh(plan, tailScores, tailValues, head, head + 1, own, plan.attended + at, true);
}

/** Makes a row's scores its weights, and shows the scores to who wants to see them. */
function finishScores(plan: Plan, head: i32, row: i32, positions: i32, scores: usize): void {
  if (plan.tappedScores) {
    const first = (head * plan.rows + row) * (plan.past + plan.rows);
    memory.copy(plan.tappedScores + ((<usize>first) << 2), scores, (<usize>positions) << 2);
  }
  // Up to a multiple of four; the cache has such rows, so there are scores of them.
  for (let position = positions; position & 3; position++) store<f32>(scores + ((<usize>position) << 2), -Infinity);
  softmax(scores, positions);
}
