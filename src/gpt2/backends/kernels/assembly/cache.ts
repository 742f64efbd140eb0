import { blockInputs } from "./dots";
import { largestOf, scaledIntegers, smallestOf } from "./functions";
import { panelBytes, panelOutputs, quantizedRowBytes, rowScaleBytes, stepBytes } from "./panel";
import { branchOf, Matrix, Plan } from "./plan";
import { quantize } from "./quantize";

/**
 * The cache of keys and values, in 8 bits with a scale for each head of a position. A layer's heads follow one another, each with
 *
 * - its keys: a packed matrix `[headWidth, capacity]`, whose outputs are scores (see `panel.ts`);
 * - their scales, f32 `[capacity]`;
 * - its values: a packed matrix `[capacity, headWidth]`, but without sums, and with `paddedHeadWidth` columns;
 * - their scales, f32 `[capacity]`.
 *
 * Each is a sequential stream for who reads it. `../int8KvStorage.ts` has the same layout.
 */

/** A key or value whose largest number is smaller is stored as zeros: the inverse would not be a number. */
const smallestLargest: f32 = 1e-30;

/** Bytes of four positions of a value's panel. */
export const valueStepBytes: usize = stepBytes;

/** A thread's record of the keys that it multiplies with. */
export function keyMatrix(plan: Plan, thread: i32): Matrix {
  return changetype<Matrix>(plan.keyMatrices + <usize>thread * offsetof<Matrix>());
}

/** The keys of one of `kvHeads` heads, in a cache of `capacity` positions. */
function keysOfKvHead(plan: Plan, cache: usize, capacity: i32, layer: i32, kvHead: i32): usize {
  return cache + <usize>(layer * plan.kvHeads + kvHead) * (valueScaleOffset(plan, capacity) + ((<usize>capacity) << 2));
}

/** The keys that a head's queries are multiplied with. */
export function keysOf(plan: Plan, cache: usize, capacity: i32, layer: i32, head: i32): usize {
  const kvHead = plan.heads == plan.kvHeads ? head : (head * plan.kvHeads) / plan.heads;
  return keysOfKvHead(plan, cache, capacity, layer, kvHead);
}

/** Bytes from a head's keys to their scales. */
export function keyScaleOffset(plan: Plan, capacity: i32): usize {
  return <usize>(capacity / panelOutputs) * panelBytes(keyMatrix(plan, 0));
}

/** Bytes from a head's keys to its values. */
export function valueOffset(plan: Plan, capacity: i32): usize {
  return keyScaleOffset(plan, capacity) + ((<usize>capacity) << 2);
}

/** Bytes from a head's keys to the scales of its values. */
export function valueScaleOffset(plan: Plan, capacity: i32): usize {
  return valueOffset(plan, capacity) + <usize>(capacity * plan.paddedHeadWidth);
}

/** Bytes from a panel of values to the next. */
export function valuePanelBytes(capacity: i32): usize {
  return <usize>(capacity * panelOutputs);
}

/** Which of the quantized rows a row's query is: those of a head follow one another. */
export function queryRow(plan: Plan, head: i32, row: i32): i32 {
  return head * plan.rows + row;
}

/** Quantizes a row's queries, and stores its keys and values in the cache. */
export function cacheRow(plan: Plan, layer: i32, row: i32): void {
  const shape = keyMatrix(plan, 0);
  const width = <usize>plan.headWidth;
  for (let head = 0; head < plan.heads; head++) {
    const query = plan.query + ((<usize>(row * plan.heads + head) * width) << 2);
    const at = <usize>queryRow(plan, head, row);
    const scales = plan.blockScales + at * rowScaleBytes(shape);
    quantize(plan, query, plan.quantized + at * quantizedRowBytes(shape), plan.headWidth, scales);
  }
  let cache = plan.cache;
  let capacity = plan.cacheCapacity;
  let position = plan.past + row;
  if (plan.branches) {
    const branch = branchOf(plan, row);
    cache = branch.cache;
    capacity = branch.cacheCapacity;
    position = branch.length;
  }
  for (let kvHead = 0; kvHead < plan.kvHeads; kvHead++) {
    const keys = keysOfKvHead(plan, cache, capacity, layer, kvHead);
    const source = (<usize>(row * plan.kvHeads + kvHead) * width) << 2;
    storeKey(plan, plan.keys + source, keys, capacity, position);
    storeValue(plan, plan.values + source, keys, capacity, position);
  }
}

function storeKey(plan: Plan, key: usize, keys: usize, capacity: i32, position: i32): void {
  const shape = keyMatrix(plan, 0);
  const end = key + ((<usize>plan.headWidth) << 2);
  const factor = storeScale(key, end, keys + keyScaleOffset(plan, capacity), position);
  const column = <usize>(position % panelOutputs);
  let at = keys + <usize>(position / panelOutputs) * panelBytes(shape);
  let left = plan.paddedHeadWidth;
  for (let start = key; start < end; start += blockInputs << 2) {
    let sums = i32x4.splat(0);
    const blockEnd = min(start + (blockInputs << 2), end);
    let step = at + (column << 2);
    for (let x = start; x < blockEnd; x += 16, step += stepBytes) {
      const integers = scaledIntegers(x, factor);
      sums = i32x4.add(sums, integers);
      store<i32>(step, lowBytes(integers));
    }
    at += <usize>(min(<i32>blockInputs, left) * panelOutputs);
    left -= <i32>blockInputs;
    const pairs = i32x4.add(sums, i32x4.shuffle(sums, sums, 2, 3, 0, 1));
    store<i16>(at + (column << 1), <i16>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)));
    at += (<usize>panelOutputs) << 1;
  }
}

function storeValue(plan: Plan, value: usize, keys: usize, capacity: i32, position: i32): void {
  const end = value + ((<usize>plan.headWidth) << 2);
  const factor = storeScale(value, end, keys + valueScaleOffset(plan, capacity), position);
  let panel = keys + valueOffset(plan, capacity) + <usize>(position >> 2) * valueStepBytes + <usize>(position & 3);
  for (let x = value; x < end; x += 32, panel += valuePanelBytes(capacity)) {
    storeColumns(panel, lowBytes(scaledIntegers(x, factor)));
    if (x + 16 < end) storeColumns(panel + 16, lowBytes(scaledIntegers(x + 16, factor)));
  }
}

/** Stores four columns of a position. */
function storeColumns(at: usize, bytes: i32): void {
  store<u8>(at, <u8>bytes);
  store<u8>(at, <u8>(bytes >> 8), 4);
  store<u8>(at, <u8>(bytes >> 16), 8);
  store<u8>(at, <u8>(bytes >> 24), 12);
}

/** Stores the scale of the numbers from `x` to before `end`. @returns what to multiply them with to get integers from −127 to 127 */
function storeScale(x: usize, end: usize, scales: usize, position: i32): v128 {
  const largest = max(largestOf(x, end), -smallestOf(x, end));
  store<f32>(scales + ((<usize>position) << 2), largest / 127);
  return f32x4.splat(largest > smallestLargest ? <f32>127 / largest : 0);
}

/** Four integers of 8 bits, the first one lowest. */
function lowBytes(integers: v128): i32 {
  const halves = i16x8.narrow_i32x4_s(integers, integers);
  return i32x4.extract_lane(i8x16.narrow_i16x8_s(halves, halves), 0);
}
